/** Faults: switch them on and off, and see how often each was applied. */

import { useState } from "preact/hooks";
import { change } from "./api.js";
import { useLoaded } from "./hooks.js";
import { Action, act, Empty, Failure, Panel, SelectField, TextField } from "./parts.js";
import type { FaultKind, FaultParameter, FaultRule } from "./types.js";

export function FaultsPage() {
	const { value: rules, error } = useLoaded<readonly FaultRule[]>("/faults", (event) =>
		event.type === "change" ? event.path === "/faults" : event.type === "journal" && event.reason.includes("Fault: "),
	);
	const { value: kinds } = useLoaded<readonly FaultKind[]>("/faults/kinds");
	const { value: parameters } = useLoaded<readonly FaultParameter[]>("/faults/parameters");
	return (
		<>
			<p class="lead">A rule makes the cloud fail an operation, so that you see what your board does then.</p>
			<Failure text={error} />
			<Panel
				title="Rules in force"
				actions={
					<Action
						label="Remove all"
						method="DELETE"
						path="/faults"
						done="No fault is in force any more."
						disabled={!rules || rules.length === 0}
					/>
				}
			>
				{rules?.length === 0 ? (
					<Empty title="The cloud behaves well: there is no rule." />
				) : (
					<Rules rules={rules ?? []} />
				)}
			</Panel>
			{kinds && parameters && <NewRule kinds={kinds} parameters={parameters} />}
		</>
	);
}

function Rules({ rules }: { readonly rules: readonly FaultRule[] }) {
	const remove = (index: number) => {
		const kept = rules
			.filter((_, each) => each !== index)
			.filter(({ count }) => count !== 0)
			.map(({ triggered: _, warning: __, ...rule }) => rule);
		return act("The rule is removed.", () => change("PUT", "/faults", { rules: kept }));
	};
	return (
		<ul class="rules">
			{rules.map(({ operation, fault, count, triggered = 0, ...others }, index) => (
				<li key={index} class={count === 0 ? "used" : ""}>
					<div>
						<strong>{fault}</strong> at <strong>{operation}</strong>
						<span class="faint">
							{Object.entries(others).map(([key, value]) => ` · ${key} ${value}`)}
							{count !== undefined && ` · ${count} more`}
						</span>
					</div>
					<span class="applied">
						applied {triggered.toLocaleString("en")} {triggered === 1 ? "time" : "times"}
					</span>
					<button
						type="button"
						class="small"
						onClick={() => void remove(index)}
						aria-label={`Remove ${fault} at ${operation}`}
					>
						Remove
					</button>
				</li>
			))}
		</ul>
	);
}

function NewRule({
	kinds,
	parameters,
}: {
	readonly kinds: readonly FaultKind[];
	readonly parameters: readonly FaultParameter[];
}) {
	const names = [...new Set(kinds.map(({ operation }) => operation))];
	const [operation, setOperation] = useState("register");
	const [fault, setFault] = useState("drop");
	const [given, setGiven] = useState<Readonly<Record<string, string>>>({ count: "1" });
	const matching = kinds.filter((kind) => kind.operation === operation || kind.operation.startsWith(`${operation}/`));
	const faults = [...new Set(matching.map((kind) => kind.fault))];
	const chosen = matching.filter((kind) => kind.fault === fault);
	const required = [...new Set(chosen.flatMap((kind) => kind.required))];
	const allowed = [...new Set(chosen.flatMap((kind) => kind.allowed))].filter((key) => !required.includes(key));
	const keys = [
		...required,
		...allowed,
		"count",
		"probability",
		...(chosen.some(({ device }) => device) ? ["device"] : []),
	];
	const chooseOperation = (name: string) => {
		setOperation(name);
		const possible = kinds.filter((kind) => kind.operation === name || kind.operation.startsWith(`${name}/`));
		if (!possible.some((kind) => kind.fault === fault)) setFault(possible[0]?.fault ?? "");
	};
	const add = () => {
		const values = keys.flatMap((key) => {
			const text = given[key] ?? "";
			if (text === "") return [];
			const { type } = parameters.find((each) => each.key === key) ?? {};
			return [[key, type === "number" ? Number(text) : text] as const];
		});
		const rule = { operation, fault, ...Object.fromEntries(values) };
		return act(`The fault ${fault} is in force at ${operation}.`, () => change("POST", "/faults", { rules: [rule] }));
	};
	return (
		<Panel title="Add a fault">
			<form
				class="grid"
				onSubmit={(event) => {
					event.preventDefault();
					void add();
				}}
			>
				<SelectField
					label="Operation"
					value={operation}
					choices={[["register", "any registration"], ...names.map((name) => [name, name] as const)]}
					onChange={chooseOperation}
				/>
				<SelectField label="Fault" value={fault} choices={faults.map((name) => [name, name])} onChange={setFault} />
				{keys.map((key) => (
					<TextField
						key={key}
						label={`${key}${required.includes(key) ? " (required)" : ""}`}
						value={given[key] ?? ""}
						hint={`Expected ${parameters.find((each) => each.key === key)?.expected ?? ""}.`}
						onInput={(text) => setGiven({ ...given, [key]: text })}
					/>
				))}
				<div class="buttons wide">
					<button type="submit" class="primary">
						Add the fault
					</button>
				</div>
			</form>
		</Panel>
	);
}
