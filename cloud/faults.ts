/** What goes wrong on demand. */

export interface FaultRule {
	/** What it strikes: what the journal calls the operation, or the beginning of it ("register": all registrations). */
	readonly operation: string;
	/** A registration that succeeds is carried out at once (what it replaces is dead), but its answer leaves later. */
	readonly fault: "delay";
	/** How much later. */
	readonly seconds: number;
	/** How many times it strikes; afterwards the rule is gone. Default: each time. */
	readonly count?: number;
	/** The name of the only device that it strikes. Default: all. */
	readonly device?: string;
}

export class Faults {
	#rules: FaultRule[] = [];

	/** Those that may strike yet, each with how often. */
	rules(): FaultRule[] {
		return [...this.#rules];
	}

	/** In place of those there are. */
	set(rules: readonly FaultRule[]): void {
		this.#rules = [...rules];
	}

	/**
	 * The first rule for this operation strikes.
	 *
	 * @returns by how many seconds the answer is to be delayed; 0 if there is no such rule
	 */
	delay(operation: string, device: string): number {
		const index = this.#rules.findIndex(
			(rule) => operation.startsWith(rule.operation) && (rule.device === undefined || rule.device === device),
		);
		const rule = this.#rules[index];
		if (!rule) return 0;
		if (rule.count === 1) this.#rules.splice(index, 1);
		else if (rule.count !== undefined) this.#rules[index] = { ...rule, count: rule.count - 1 };
		return rule.seconds;
	}
}

/** For the journal. */
export function withDelay(reason: string, seconds: number): string {
	return seconds === 0 ? reason : `${reason}; a fault delays the answer by ${seconds} s`;
}
