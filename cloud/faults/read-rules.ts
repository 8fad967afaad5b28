/** Checks fault rules that come as JSON. */

import { alternatives } from "../server/alternatives.js";
import { steps } from "./handshake.js";
import { type FaultName, faultKinds, kindOf, type Parameter } from "./kinds.js";
import type { Operation } from "./operations.js";
import type { FaultRule } from "./rule.js";

/** An invalid rule. `message` says what is expected. */
export class InvalidFaultRule extends Error {}

/** A check of a value, and what the value must be. */
interface Check {
	readonly type: "string" | "number";
	readonly must: string;
	is(value: never): boolean;
}

const whole = (least: number, most: number): Check => ({
	type: "number",
	must: `a whole number from ${least} to ${most}`,
	is: (value: number) => Number.isInteger(value) && value >= least && value <= most,
});

const text = (must: string, is: (value: string) => boolean): Check => ({ type: "string", must, is });

const parameters: Readonly<Record<Parameter, Check>> = {
	seconds: {
		type: "number",
		must: "a number above 0 and up to 3600",
		is: (value: number) => value > 0 && value <= 3600,
	},
	step: text(alternatives(steps), (value) => (steps as readonly string[]).includes(value)),
	alert: whole(0, 255),
	status: whole(400, 599),
	retryAfter: whole(1, 86_400),
	location: text("a URL", URL.canParse),
	bytes: whole(1, 10_000_000),
	code: whole(1, 5),
};

/** The keys that every rule may have. */
const common: Readonly<Record<"operation" | "fault" | "device" | "probability" | "count", Check>> = {
	operation: text("", () => true),
	fault: text(alternatives(Object.keys(faultKinds)), (value) => Object.hasOwn(faultKinds, value)),
	device: text("the name of a device", (value) => value !== ""),
	probability: {
		type: "number",
		must: "a number above 0 and up to 1; without it the fault strikes always",
		is: (value: number) => value > 0 && value <= 1,
	},
	count: {
		type: "number",
		must: "a whole number of at least 1; without it the fault strikes each time",
		is: (value: number) => Number.isInteger(value) && value > 0,
	},
};

/** All keys of a rule. */
export const ruleKeys = { ...common, ...parameters };

/**
 * @param operations everything that can have a fault
 * @throws InvalidFaultRule
 */
export function readRule(given: unknown, operations: readonly Operation[]): FaultRule {
	if (typeof given !== "object" || given === null || Array.isArray(given))
		throw new InvalidFaultRule("each rule must be a JSON object");
	const rule = given as FaultRule;
	for (const key of Object.keys(rule))
		if (!Object.hasOwn(ruleKeys, key))
			throw new InvalidFaultRule(`"${key}" is not known here: there is ${Object.keys(ruleKeys).join(", ")}`);
	for (const key of Object.keys(ruleKeys) as (keyof typeof ruleKeys)[]) {
		const value = rule[key];
		const needed = key === "operation" || key === "fault";
		const { type, must, is } = ruleKeys[key];
		if (value === undefined && !needed) continue;
		if (typeof value !== type) throw new InvalidFaultRule(`"${key}" must be a ${type}`);
		if (!is(value as never)) throw new InvalidFaultRule(`"${key}" must be ${must}`);
	}
	checkOperation(rule, operations);
	return rule;
}

function checkOperation(rule: FaultRule, operations: readonly Operation[]): void {
	const { fault, device } = rule;
	const possible = operations.filter((operation) => applies(fault, operation));
	const covered = possible.filter(({ name }) => covers(rule, name));
	if (covered.length === 0)
		throw new InvalidFaultRule(
			`"operation" must be ${named(possible.map(({ name }) => name))}: nothing else can have the fault "${fault}"`,
		);
	if (device !== undefined && covered.every(({ kind }) => kind.endsWith("port")))
		throw new InvalidFaultRule(
			`"device": at a port nobody knows yet who comes; leave it out, or choose a fault of a registration, "connect" or "session"`,
		);
	const effects = covered.map(({ kind }) => kindOf(fault).effects[kind]);
	for (const parameter of Object.keys(parameters) as Parameter[]) {
		const needed = effects.some((effect) => effect?.needs?.includes(parameter));
		const taken = needed || effects.some((effect) => effect?.takes?.includes(parameter));
		if (needed && rule[parameter] === undefined)
			throw new InvalidFaultRule(`the fault "${fault}" needs "${parameter}", ${parameters[parameter].must}`);
		if (!taken && rule[parameter] !== undefined)
			throw new InvalidFaultRule(`the fault "${fault}" of "${rule.operation}" has no "${parameter}"`);
	}
}

/** Whether the rule names this operation. */
export function covers(rule: FaultRule, operation: string): boolean {
	return operation === rule.operation || operation.startsWith(`${rule.operation}/`);
}

/** Whether the operation can have this fault. */
export function applies(fault: FaultName, { kind, ofPlatform }: Operation): boolean {
	const { effects, ofPlatform: needed } = kindOf(fault);
	return effects[kind] !== undefined && (!needed || ofPlatform.includes(fault));
}

function named(operations: readonly string[]): string {
	const registrations = operations.filter((name) => name.startsWith("register/"));
	const all = registrations.length > 1 ? '"register" for all registrations, or ' : "";
	return `${all}one of ${operations.join(", ")}`;
}
