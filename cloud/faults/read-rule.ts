/** Checks fault rules that come as JSON. */

import { orList } from "../server/or-list.js";
import { handshakeSteps } from "./fail-handshake.js";
import { type FaultName, faultKind, faultKinds, type RuleParameter } from "./fault-kinds.js";
import type { FaultRule } from "./fault-rule.js";
import type { FaultOperation } from "./operations.js";

/** An invalid rule. `message` says what is expected. */
export class InvalidFaultRule extends Error {}

/** A check of a value, and what the value must be. */
interface Check {
	readonly type: "string" | "number";
	readonly expected: string;
	isValid(value: never): boolean;
}

const wholeNumber = (minimum: number, maximum: number): Check => ({
	type: "number",
	expected: `a whole number from ${minimum} to ${maximum}`,
	isValid: (value: number) => Number.isInteger(value) && value >= minimum && value <= maximum,
});

const text = (expected: string, isValid: (value: string) => boolean): Check => ({ type: "string", expected, isValid });

const parameters: Readonly<Record<RuleParameter, Check>> = {
	seconds: {
		type: "number",
		expected: "a number above 0, at most 3600",
		isValid: (value: number) => value > 0 && value <= 3600,
	},
	step: text(orList(handshakeSteps), (value) => (handshakeSteps as readonly string[]).includes(value)),
	alert: wholeNumber(0, 255),
	status: wholeNumber(400, 599),
	retryAfter: wholeNumber(1, 86_400),
	location: text("a URL of printable ASCII characters (http://xn--… for a name with others)", isHeaderUrl),
	bytes: wholeNumber(1, 10_000_000),
	code: wholeNumber(1, 5),
};

/** `URL.canParse` alone accepts line breaks and other characters that a header must not hold (RFC 9110, section 5.5). */
function isHeaderUrl(value: string): boolean {
	return /^[\x21-\x7e]+$/.test(value) && URL.canParse(value);
}

/** The keys that every rule may have. */
const commonKeys: Readonly<Record<"operation" | "fault" | "device" | "probability" | "count", Check>> = {
	operation: text("the name of an operation or port", () => true),
	fault: text(orList(Object.keys(faultKinds)), (value) => Object.hasOwn(faultKinds, value)),
	device: text("the name of a device", (value) => value !== ""),
	probability: {
		type: "number",
		expected: "a number above 0, at most 1 (default: 1)",
		isValid: (value: number) => value > 0 && value <= 1,
	},
	count: {
		type: "number",
		expected: "a whole number of at least 1 (default: no limit)",
		isValid: (value: number) => Number.isInteger(value) && value > 0,
	},
};

/** All keys of a rule. */
export const ruleKeys = { ...commonKeys, ...parameters };

/**
 * @param operations everything that can have a fault
 * @throws InvalidFaultRule
 */
export function readRule(given: unknown, operations: readonly FaultOperation[]): FaultRule {
	if (typeof given !== "object" || given === null || Array.isArray(given))
		throw new InvalidFaultRule("A fault rule is invalid. Expected a JSON object.");
	const rule = given as FaultRule;
	for (const key of Object.keys(rule))
		if (!Object.hasOwn(ruleKeys, key))
			throw new InvalidFaultRule(
				`The key "${key}" of a fault rule is unknown. Known keys: ${Object.keys(ruleKeys).join(", ")}.`,
			);
	for (const key of Object.keys(ruleKeys) as (keyof typeof ruleKeys)[]) {
		const value = rule[key];
		const required = key === "operation" || key === "fault";
		const { type, isValid } = ruleKeys[key];
		const names = key === "operation" ? `: ${listOperations(operations.map(({ name }) => name))}` : "";
		const expected = ruleKeys[key].expected + names;
		if (value === undefined && !required) continue;
		if (value === undefined) throw new InvalidFaultRule(`"${key}" is missing. Expected ${expected}.`);
		if (typeof value !== type || !isValid(value as never))
			throw new InvalidFaultRule(`"${key}" is invalid. Expected ${expected}.`);
	}
	checkCombination(rule, operations);
	return rule;
}

function checkCombination(rule: FaultRule, operations: readonly FaultOperation[]): void {
	const { fault, device } = rule;
	const possible = operations.filter((operation) => supportsFault(fault, operation));
	const covered = possible.filter(({ name }) => matchesOperation(rule, name));
	if (covered.length === 0)
		throw new InvalidFaultRule(
			`"operation" is invalid for the fault "${fault}". Expected ${listOperations(possible.map(({ name }) => name))}.`,
		);
	if (device !== undefined && covered.every(({ kind }) => kind.endsWith("port")))
		throw new InvalidFaultRule(
			`"device" is invalid for a fault of a port, where the client is still unknown. Leave out "device", or choose a registration, "connect" or "session".`,
		);
	const effects = covered.map(({ kind }) => faultKind(fault).effects[kind]);
	for (const parameter of Object.keys(parameters) as RuleParameter[]) {
		const needed = effects.some((effect) => effect?.requires?.includes(parameter));
		const taken = needed || effects.some((effect) => effect?.allows?.includes(parameter));
		if (needed && rule[parameter] === undefined)
			throw new InvalidFaultRule(
				`"${parameter}" is missing for the fault "${fault}". Expected ${parameters[parameter].expected}.`,
			);
		if (!taken && rule[parameter] !== undefined)
			throw new InvalidFaultRule(
				`"${parameter}" is invalid for the fault "${fault}" of "${rule.operation}". Leave out "${parameter}".`,
			);
	}
}

/** Whether the rule names this operation. */
export function matchesOperation(rule: FaultRule, operation: string): boolean {
	return operation === rule.operation || operation.startsWith(`${rule.operation}/`);
}

/** Whether the operation can have this fault. */
export function supportsFault(fault: FaultName, { kind, platformFaults }: FaultOperation): boolean {
	const { effects, byPlatform } = faultKind(fault);
	return effects[kind] !== undefined && (!byPlatform || platformFaults.includes(fault));
}

function listOperations(operations: readonly string[]): string {
	const registrations = operations.filter((name) => name.startsWith("register/"));
	const all = registrations.length > 1 ? '"register" for all registrations, or ' : "";
	return `${all}one of ${operations.join(", ")}`;
}
