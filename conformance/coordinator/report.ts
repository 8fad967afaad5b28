import type { Group } from "../device/catalogue.js";
import type { CaseResult } from "./result.js";

export interface ReportContext {
	/** "simulator", "ESP32 at /dev/ttyUSB0" */
	readonly board: string;
	/** Of the Moddable SDK. */
	readonly sdk: string;
	/** How to have the same again. */
	readonly command: string;
}

export function totals(results: readonly CaseResult[]): string {
	const count = (outcome: CaseResult["outcome"]) => results.filter((each) => each.outcome === outcome).length;
	const skipped = count("skipped");
	return `${count("passed")} passed, ${count("failed")} failed${skipped ? `, ${skipped} skipped` : ""} of ${results.length}`;
}

/** Everything as Markdown: a table a group, what was measured behind its case. */
export function report(
	groups: readonly Group[],
	results: readonly CaseResult[],
	{ board, sdk, command }: ReportContext,
): string {
	const resultsByName = new Map(results.map((each) => [each.name, each]));
	const sections = groups.flatMap(({ name, summary, cases }) => {
		const rows = cases.flatMap((each) => resultsByName.get(each.name) ?? []);
		if (rows.length === 0) return [];
		const heading = `## ${name[0]?.toUpperCase()}${name.slice(1)}\n\n${summary[0]?.toUpperCase()}${summary.slice(1)}.`;
		return [
			`${heading}\n\n| case | result | ms | memory, KB |\n| --- | --- | ---: | ---: |\n${rows.map(row).join("\n")}`,
		];
	});
	const measured = results.flatMap((each) =>
		Object.entries(each.measurements).map(([what, value]) => `| ${cell(each.name)} | ${cell(what)} | ${value} |`),
	);
	const note = "Memory is the peak of slots and chunks, for cases during which it was sampled.";
	const table = ["| case | what | value |", "| --- | --- | ---: |", ...measured].join("\n");
	const facts = [
		`Written by \`${command}\`. \`docs/guides/testing-on-the-board.md\` of dynreg describes the columns and results.`,
		`${totals(results)}, on: ${board}, Moddable SDK ${sdk}. ${note}`,
	];
	return `${["# Test report", ...facts, ...(measured.length ? [`## Measured\n\n${table}`] : []), ...sections].join("\n\n")}\n`;
}

function row({ name, outcome, reason, duration, memory }: CaseResult): string {
	const result = reason === undefined ? outcome : `${outcome}: ${reason}`;
	const kilobytes = memory === undefined ? "" : Math.round(memory / 1024);
	return `| ${cell(name)} | ${cell(result)} | ${outcome === "skipped" ? "" : duration} | ${kilobytes} |`;
}

function cell(text: string): string {
	return text.replace(/\s+/g, " ").replace(/[|\\]/g, "\\$&");
}
