import type { Code } from "dynreg/contracts/error";
import { explanations } from "../explanations.js";
import { colour } from "../terminal/colour.js";
import { readOptions, UsageError } from "../terminal/usage.js";

export const summary = "what an error code means, and what to do";

const HELP = `dynreg explain: ${summary}

Usage: dynreg explain [CODE …]

  CODE     what a board has logged as "code"; without one, all of them
  --help   this text
`;

const codes = Object.keys(explanations) as Code[];

export async function run(args: string[]): Promise<number> {
	const given = args.filter((each) => !each.startsWith("-"));
	const { help } = readOptions(
		args.filter((each) => each.startsWith("-")),
		{ help: { type: "boolean" } },
	);
	if (help) {
		process.stdout.write(HELP);
		return 0;
	}
	const unknown = given.find((each) => !Object.hasOwn(explanations, each));
	if (unknown !== undefined)
		throw new UsageError(`there is no error code "${unknown}": dynreg explain, without one, lists all there are`);
	process.stdout.write((given.length ? (given as Code[]) : codes).map(describe).join("\n"));
	return 0;
}

function describe(code: Code): string {
	const { where, happened, advice } = explanations[code];
	return `${colour(process.stdout, "bold", code)} (${where})\n  what happened: ${plain(happened)}\n  what to do:    ${plain(advice)}\n`;
}

/** Without Markdown's marks and links. */
function plain(text: string): string {
	return text.replaceAll("`", "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
}

/** The table of `docs/errors.md`. */
export function table(): string {
	const groups = new Map<string, Code[]>();
	for (const code of codes) {
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
