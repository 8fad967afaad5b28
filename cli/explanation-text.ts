import type { Code } from "dynreg/contracts/error";
import { UsageError } from "./command-line/usage-error.js";
import { explanations } from "./explanations.js";
import { colour } from "./terminal/colour.js";

const all = Object.keys(explanations) as Code[];

/**
 * What error codes mean and what to do, for a terminal.
 *
 * @param codes none: all there are
 * @throws UsageError if one is no error code
 */
export function explain(codes: readonly string[]): string {
	const unknown = codes.find((each) => !Object.hasOwn(explanations, each));
	if (unknown !== undefined)
		throw new UsageError(`there is no error code "${unknown}": dynreg explain, without one, lists all there are`);
	return (codes.length ? (codes as Code[]) : all).map(describe).join("\n");
}

function describe(code: Code): string {
	const { where, happened, advice } = explanations[code];
	return `${colour(process.stdout, "bold", code)} (${where})\n  what happened: ${plain(happened)}\n  what to do:    ${plain(advice)}\n`;
}

/** Without Markdown's marks and links. */
function plain(text: string): string {
	return text.replaceAll("`", "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
}

/** The tables of `docs/errors.md`. */
export function explanationTables(): string {
	const groups = new Map<string, Code[]>();
	for (const code of all) {
		const { where } = explanations[code];
		groups.set(where, [...(groups.get(where) ?? []), code]);
	}
	return Array.from(groups, ([where, members]) => {
		const rows = members.map(
			(code) => `| \`${code}\` | ${explanations[code].happened} | ${explanations[code].advice} |`,
		);
		return [`## ${where}`, "", "| code | what happened | what to do |", "| --- | --- | --- |", ...rows].join("\n");
	}).join("\n\n");
}
