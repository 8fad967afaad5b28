import type { CheckedFaultRule, FaultReport, FaultRule } from "../faults/fault-rule.js";
import { InvalidFaultRule, readRule, ruleKeys } from "../faults/read-rule.js";
import { AdminError } from "./admin-error.js";
import { currentPortName } from "./deprecated-names.js";
import { type AdminContext, operation } from "./operation.js";
import { type JsonSchema, list, object, type Schema } from "./schema.js";

const properties = Object.fromEntries(
	Object.entries(ruleKeys).map(([key, { type, expected }]) => [key, { type, description: expected }]),
);

/** Rules are checked by `readRule`, for requests and for calls in this process. */
function ruleSchema<Rule extends FaultRule>(more: JsonSchema = {}): Schema<Rule> {
	return {
		json: { type: "object", properties: { ...properties, ...more }, required: ["operation", "fault"] },
		read: (_, value) => value as Rule,
	};
}

export const faultRules = object({
	rules: list(ruleSchema<FaultRule>(), "a list of fault rules. DELETE removes all rules"),
});

/** @param body JSON as for PUT /faults. @throws AdminError 400 */
export function readFaultRules(body: unknown): readonly FaultRule[] {
	return faultRules.read("", body).rules;
}

const faultReports = list(ruleSchema<FaultReport>({ triggered: { type: "integer" }, warning: { type: "string" } }));

export const getFaults = operation({
	method: "GET",
	path: "/faults",
	summary: "All fault rules, and how often each was applied.",
	response: faultReports,
	run: ({ faults }) => faults.report(),
});

/** @param change what becomes of the rules that are in force */
const changeFaults = (method: "PUT" | "POST", change: "set" | "add") =>
	operation({
		method,
		path: "/faults",
		summary: change === "set" ? "Replaces all fault rules." : "Adds fault rules behind the existing ones.",
		body: faultRules,
		response: faultReports,
		run(context, _, { rules }) {
			context.faults[change](checked(context, rules));
			return context.faults.report();
		},
	});

export const putFaults = changeFaults("PUT", "set");
export const postFaults = changeFaults("POST", "add");

export const deleteFaults = operation({
	method: "DELETE",
	path: "/faults",
	summary: "Deletes all fault rules.",
	run: ({ faults }) => faults.set([]),
});

/** @throws AdminError 400 */
function checked({ faults }: AdminContext, rules: readonly FaultRule[]): CheckedFaultRule[] {
	let number = 0;
	try {
		return rules.map((rule, index) => {
			number = index + 1;
			const { name, warning } = currentPortName(rule?.operation);
			if (warning === undefined) return readRule(rule, faults.operations);
			return { ...readRule({ ...rule, operation: name }, faults.operations), warning };
		});
	} catch (error) {
		if (!(error instanceof InvalidFaultRule)) throw error;
		throw new AdminError(400, rules.length > 1 ? `Rule ${number}: ${error.message}` : error.message);
	}
}
