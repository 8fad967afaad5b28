import { InvalidFaultRule, readRule, ruleKeys } from "../faults/read-rules.js";
import type { FaultReport, FaultRule } from "../faults/rule.js";
import { AdminError } from "./admin-error.js";
import { type AdminContext, operation } from "./operation.js";
import { type JsonSchema, list, object, type Schema } from "./schema.js";

const properties = Object.fromEntries(
	Object.entries(ruleKeys).map(([key, { type, must }]) => [key, { type, description: must }]),
);

/** Rules are checked by `readRule`, for requests and for calls in this process. */
function ruleSchema<Rule extends FaultRule>(more: JsonSchema = {}): Schema<Rule> {
	return {
		json: { type: "object", properties: { ...properties, ...more }, required: ["operation", "fault"] },
		read: (_, value) => value as Rule,
	};
}

export const faultRules = object({
	rules: list(ruleSchema<FaultRule>(), 'the body needs "rules", a list; DELETE ends all faults'),
});

/** @param body JSON as for PUT /faults. @throws AdminError 400 */
export function readFaultRules(body: unknown): readonly FaultRule[] {
	return faultRules.read("", body).rules;
}

const faultReports = list(ruleSchema<FaultReport>({ struck: { type: "integer" } }));

export const getFaults = operation({
	method: "GET",
	path: "/faults",
	response: faultReports,
	run: ({ faults }) => faults.report(),
});

export const putFaults = operation({
	method: "PUT",
	path: "/faults",
	body: faultRules,
	response: faultReports,
	run(context, _, { rules }) {
		context.faults.set(checked(context, rules));
		return context.faults.report();
	},
});

export const postFaults = operation({
	method: "POST",
	path: "/faults",
	body: faultRules,
	response: faultReports,
	run(context, _, { rules }) {
		context.faults.add(checked(context, rules));
		return context.faults.report();
	},
});

export const deleteFaults = operation({
	method: "DELETE",
	path: "/faults",
	run: ({ faults }) => faults.set([]),
});

/** @throws AdminError 400 */
function checked({ faults }: AdminContext, rules: readonly FaultRule[]): FaultRule[] {
	try {
		return rules.map((rule) => readRule(rule, faults.operations));
	} catch (error) {
		if (error instanceof InvalidFaultRule) throw new AdminError(400, error.message);
		throw error;
	}
}
