import type { Code } from "dynreg/contracts/error";
import { catalogue } from "dynreg/messages/catalogue";
import { UsageError } from "./command-line/usage-error.js";
import { colour } from "./terminal/colour.js";

const all = Object.keys(catalogue) as Code[];

/**
 * What error codes mean and what to do, for a terminal.
 *
 * @param codes none: all there are
 * @throws UsageError if one is no error code
 */
export function explain(codes: readonly string[]): string {
	const unknown = codes.find((each) => !Object.hasOwn(catalogue, each));
	if (unknown !== undefined)
		throw new UsageError(`there is no error code "${unknown}": dynreg explain, without one, lists all there are`);
	return (codes.length ? (codes as Code[]) : all).map(describe).join("\n");
}

function describe(code: Code): string {
	const { where, messages, note } = catalogue[code];
	const told = Object.entries(messages).map(([reason, [happened, advice]]) => {
		const meaning = reason === "" || reason === "server" ? "" : `  ${reason}:\n`;
		return `${meaning}  what happened: ${happened}\n${advice === undefined ? "" : `  what to do:    ${advice}\n`}`;
	});
	const more = note === undefined ? "" : `  ${note}\n`;
	return `${colour(process.stdout, "bold", code)} (${where})\n${told.join("")}${more}`;
}

/** The tables of `docs/errors.md`. */
export function explanationTables(): string {
	const groups = new Map<string, Code[]>();
	for (const code of all) {
		const { where } = catalogue[code];
		groups.set(where, [...(groups.get(where) ?? []), code]);
	}
	return Array.from(groups, ([where, members]) =>
		[
			`## ${where}`,
			"",
			"| code | `reason`, or cloud and number | what happened | what to do |",
			"| --- | --- | --- | --- |",
			...members.flatMap(rows),
		].join("\n"),
	).join("\n\n");
}

/** One for each meaning of the code; what else there is to know stands in the first. */
function rows(code: Code): string[] {
	const { messages, note } = catalogue[code];
	return Object.entries(messages).map(([reason, [happened, advice = ""]], index) => {
		const meaning =
			reason === "" || reason === "server" ? "" : /[ 0-9]|^(tencent|aliyun)$/.test(reason) ? reason : `\`${reason}\``;
		const todo = [advice, index === 0 ? (note ?? "") : ""].filter((text) => text !== "").join(" ");
		return `| ${index === 0 ? `\`${code}\`` : ""} | ${meaning} | ${marked(happened)} | ${marked(todo)} |`;
	});
}

/** Documents that a text names become links. */
function marked(text: string): string {
	return text.replace(/docs\/([a-z-]+\.md)/g, "[$1]($1)");
}
