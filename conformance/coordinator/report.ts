import type { Group } from "../device/catalogue.js";
import type { Result } from "./result.js";

export interface Circumstances {
	/** "simulator", "ESP32 at /dev/ttyUSB0" */
	readonly board: string;
	/** Of the Moddable SDK. */
	readonly sdk: string;
	/** How to have the same again. */
	readonly command: string;
}

export function totals(results: readonly Result[]): string {
	const count = (outcome: Result["outcome"]) => results.filter((each) => each.outcome === outcome).length;
	const skipped = count("skipped");
	return `${count("passed")} passed, ${count("failed")} failed${skipped ? `, ${skipped} skipped` : ""} of ${results.length}`;
}

/** Everything as Markdown: a table a group, what was measured behind its case. */
export function report(
	groups: readonly Group[],
	results: readonly Result[],
	{ board, sdk, command }: Circumstances,
): string {
	const by = new Map(results.map((each) => [each.name, each]));
	const sections = groups.flatMap(({ name, proves, cases }) => {
		const rows = cases.flatMap((each) => by.get(each.name) ?? []);
		if (rows.length === 0) return [];
		const heading = `## ${name[0]?.toUpperCase()}${name.slice(1)}\n\n${proves[0]?.toUpperCase()}${proves.slice(1)}.`;
		return [
			`${heading}\n\n| case | result | ms | memory, KB |\n| --- | --- | ---: | ---: |\n${rows.map(row).join("\n")}`,
		];
	});
	const measured = results.flatMap((each) =>
		Object.entries(each.measured).map(([what, value]) => `| ${cell(each.name)} | ${cell(what)} | ${value} |`),
	);
	const note = "Memory is the most that was seen of slots and chunks, where the meters were read while a case ran.";
	const table = ["| case | what | value |", "| --- | --- | ---: |", ...measured].join("\n");
	const facts = [
		`Written by \`${command}\`. How to read it: [testing on the board](testing-on-the-board.md).`,
		`${totals(results)}, on: ${board}, Moddable SDK ${sdk}. ${note}`,
	];
	return `${["# Test report", ...facts, ...(measured.length ? [`## Measured\n\n${table}`] : []), ...sections].join("\n\n")}\n`;
}

function row({ name, outcome, reason, took, memory }: Result): string {
	const result = reason === undefined ? outcome : `${outcome}: ${reason}`;
	const kilobytes = memory === undefined ? "" : Math.round(memory / 1024);
	return `| ${cell(name)} | ${cell(result)} | ${outcome === "skipped" ? "" : took} | ${kilobytes} |`;
}

function cell(text: string): string {
	return text.replace(/\s+/g, " ").replace(/[|\\]/g, "\\$&");
}
