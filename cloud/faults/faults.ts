/** What goes wrong on demand: the rules in force, and which of them strikes. */

import { kindOf, type Place } from "./kinds.js";
import type { Operation } from "./operations.js";
import { canStrike, covers } from "./read-rules.js";
import type { FaultReport, FaultRule } from "./rule.js";

/** A fault that strikes now. */
export interface Strike extends FaultRule {
	/** For the journal. */
	readonly reason: string;
}

interface InForce {
	readonly rule: FaultRule;
	struck: number;
}

export class Faults {
	readonly #operations: ReadonlyMap<string, Operation>;
	readonly #random: () => number;
	#rules: InForce[] = [];

	/** @param random from 0 up to but not including 1: the dice of rules with a probability */
	constructor(operations: readonly Operation[], random: () => number) {
		this.#operations = new Map(operations.map((operation) => [operation.name, operation]));
		this.#random = random;
	}

	/** What may be struck. */
	get operations(): readonly Operation[] {
		return [...this.#operations.values()];
	}

	/** All that were set, each with how often it has struck and how often it may yet. */
	report(): FaultReport[] {
		return this.#rules.map(({ rule, struck }) => ({
			...rule,
			...(rule.count !== undefined && { count: rule.count - struck }),
			...(struck > 0 && { struck }),
		}));
	}

	/** In place of those there are. */
	set(rules: readonly FaultRule[]): void {
		this.#rules = [];
		this.add(rules);
	}

	/** Behind those there are. */
	add(rules: readonly FaultRule[]): void {
		this.#rules.push(...rules.map((rule) => ({ rule, struck: 0 })));
	}

	/**
	 * The first rule that means this, is not spent, and whose dice fall so.
	 *
	 * @param name of the operation
	 * @param device asked for only if a rule names one
	 */
	strike(name: string, place: Place, device: () => string | undefined = () => undefined): Strike | undefined {
		const operation = this.#operations.get(name);
		if (operation === undefined) return undefined;
		const found = this.#rules.find(({ rule, struck }) => {
			const { fault, count = Number.POSITIVE_INFINITY, device: only, probability = 1 } = rule;
			return (
				struck < count &&
				covers(rule, name) &&
				canStrike(fault, operation) &&
				kindOf(fault).strikes[operation.kind]?.at === place &&
				(only === undefined || only === device()) &&
				(probability === 1 || this.#random() < probability)
			);
		});
		if (found === undefined) return undefined;
		found.struck++;
		return { ...found.rule, reason: `a fault ${kindOf(found.rule.fault).phrase(found.rule)}` };
	}
}

/** For the journal. */
export function withFault(reason: string, strike: Strike | undefined): string {
	return strike ? `${reason}; ${strike.reason}` : reason;
}
