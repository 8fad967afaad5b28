/** Rules as people write them, in JSON: whether they can be. */

import { STEPS } from "./handshake.js";
import { type FaultName, KINDS, kindOf, type Parameter } from "./kinds.js";
import type { Operation } from "./operations.js";
import type { FaultRule } from "./rule.js";

/** A rule that cannot be. `message` says what there is instead. */
export class BadFault extends Error {}

/** Whether a value is one of these, and what one must be. */
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
	step: text(either(STEPS), (value) => (STEPS as readonly string[]).includes(value)),
	alert: whole(0, 255),
	status: whole(400, 599),
	retryAfter: whole(1, 86_400),
	location: text("a URL", URL.canParse),
	bytes: whole(1, 10_000_000),
	code: whole(1, 5),
};

/** What every rule may say. */
const common: Readonly<Record<"operation" | "fault" | "device" | "probability" | "count", Check>> = {
	operation: text("", () => true),
	fault: text(either(Object.keys(KINDS)), (value) => Object.hasOwn(KINDS, value)),
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

const keys = { ...common, ...parameters };

/**
 * @param operations everything that a fault may strike
 * @throws BadFault
 */
export function readRule(given: unknown, operations: readonly Operation[]): FaultRule {
	if (typeof given !== "object" || given === null || Array.isArray(given))
		throw new BadFault("each rule must be a JSON object");
	const rule = given as FaultRule;
	for (const key of Object.keys(rule))
		if (!Object.hasOwn(keys, key))
			throw new BadFault(`"${key}" is not known here: there is ${Object.keys(keys).join(", ")}`);
	for (const key of Object.keys(keys) as (keyof typeof keys)[]) {
		const value = rule[key];
		const needed = key === "operation" || key === "fault";
		const { type, must, is } = keys[key];
		if (value === undefined && !needed) continue;
		if (typeof value !== type) throw new BadFault(`"${key}" must be a ${type}`);
		if (!is(value as never)) throw new BadFault(`"${key}" must be ${must}`);
	}
	checkOperation(rule, operations);
	return rule;
}

function checkOperation(rule: FaultRule, operations: readonly Operation[]): void {
	const { fault, device } = rule;
	const possible = operations.filter((operation) => canStrike(fault, operation));
	const struck = possible.filter(({ name }) => covers(rule, name));
	if (struck.length === 0)
		throw new BadFault(
			`"operation" must be ${named(possible.map(({ name }) => name))}: nothing else can have the fault "${fault}"`,
		);
	if (device !== undefined && struck.every(({ kind }) => kind.endsWith("port")))
		throw new BadFault(
			`"device": at a port nobody knows yet who comes; leave it out, or choose a fault of a registration, "connect" or "session"`,
		);
	const strikes = struck.map(({ kind }) => kindOf(fault).strikes[kind]);
	for (const parameter of Object.keys(parameters) as Parameter[]) {
		const needed = strikes.some((strike) => strike?.needs?.includes(parameter));
		const taken = needed || strikes.some((strike) => strike?.takes?.includes(parameter));
		if (needed && rule[parameter] === undefined)
			throw new BadFault(`the fault "${fault}" needs "${parameter}", ${parameters[parameter].must}`);
		if (!taken && rule[parameter] !== undefined)
			throw new BadFault(`the fault "${fault}" of "${rule.operation}" has no "${parameter}"`);
	}
}

/** Whether the rule means this operation. */
export function covers(rule: FaultRule, operation: string): boolean {
	return operation === rule.operation || operation.startsWith(`${rule.operation}/`);
}

export function canStrike(fault: FaultName, { kind, ofPlatform }: Operation): boolean {
	const { strikes, ofPlatform: needed } = kindOf(fault);
	return strikes[kind] !== undefined && (!needed || ofPlatform.includes(fault));
}

function named(operations: readonly string[]): string {
	const registrations = operations.filter((name) => name.startsWith("register/"));
	const all = registrations.length > 1 ? '"register" for all registrations, or ' : "";
	return `${all}one of ${operations.join(", ")}`;
}

/** "a", "b" or "c" */
function either(names: readonly string[]): string {
	const quoted = names.map((name) => `"${name}"`);
	return [quoted.slice(0, -1).join(", "), quoted.at(-1)].filter(Boolean).join(" or ");
}
