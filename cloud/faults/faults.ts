/** The fault rules in force, and which of them applies to an operation. */

import { type FaultPoint, faultKind } from "./fault-kinds.js";
import type { FaultReport, FaultRule } from "./fault-rule.js";
import type { FaultOperation } from "./operations.js";
import { matchesOperation, supportsFault } from "./read-rule.js";

/** A rule that applies now. */
export interface TriggeredFault extends FaultRule {
	/** For the journal. */
	readonly reason: string;
}

interface RuleInForce {
	readonly rule: FaultRule;
	/** How often it has been applied. */
	applied: number;
}

export class Faults {
	readonly #operations: ReadonlyMap<string, FaultOperation>;
	readonly #random: () => number;
	#rules: RuleInForce[] = [];

	/** @param random from 0 up to but not including 1, for rules with a probability */
	constructor(operations: readonly FaultOperation[], random: () => number) {
		this.#operations = new Map(operations.map((operation) => [operation.name, operation]));
		this.#random = random;
	}

	/** All operations that can have a fault. */
	get operations(): readonly FaultOperation[] {
		return [...this.#operations.values()];
	}

	/** All rules, each with how often it has been applied and, as its `count`, how often it still may be. */
	report(): FaultReport[] {
		return this.#rules.map(({ rule, applied }) => ({
			...rule,
			...(rule.count !== undefined && { count: rule.count - applied }),
			...(applied > 0 && { triggered: applied }),
		}));
	}

	/** Replaces all rules. */
	set(rules: readonly FaultRule[]): void {
		this.#rules = [];
		this.add(rules);
	}

	/** Appends rules: earlier ones take precedence. */
	add(rules: readonly FaultRule[]): void {
		this.#rules.push(...rules.map((rule) => ({ rule, applied: 0 })));
	}

	/**
	 * Finds the first rule that matches, is not used up, and whose `probability` check passes. Counts it as applied.
	 *
	 * @param name of the operation
	 * @param device called only if a rule names a device
	 */
	match(
		name: string,
		place: FaultPoint,
		device: () => string | undefined = () => undefined,
	): TriggeredFault | undefined {
		const operation = this.#operations.get(name);
		if (operation === undefined) return undefined;
		const found = this.#rules.find(({ rule, applied }) => {
			const { fault, count = Number.POSITIVE_INFINITY, device: only, probability = 1 } = rule;
			return (
				applied < count &&
				matchesOperation(rule, name) &&
				supportsFault(fault, operation) &&
				faultKind(fault).effects[operation.kind]?.point === place &&
				(only === undefined || only === device()) &&
				(probability === 1 || this.#random() < probability)
			);
		});
		if (found === undefined) return undefined;
		found.applied++;
		return { ...found.rule, reason: `Fault: ${faultKind(found.rule.fault).describe(found.rule)}.` };
	}
}

/** Adds the fault to a reason for the journal. */
export function withFault(reason: string, fault: TriggeredFault | undefined): string {
	return fault ? `${reason} ${fault.reason}` : reason;
}
