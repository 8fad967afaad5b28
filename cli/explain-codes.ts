import { cloudNamed } from "dynreg/clouds/schemas";
import type { Code } from "dynreg/contracts/error";
import { catalogue } from "dynreg/messages/catalogue";
import type { Message } from "dynreg/messages/entry";
import { UsageError } from "./command-line/usage-error.js";
import { colour } from "./terminal/colour.js";

const allCodes = Object.keys(catalogue) as Code[];

/**
 * What error codes mean and what to do, for a terminal.
 *
 * @param codes none: all there are
 * @throws UsageError if one is no error code
 */
export function explainCodes(codes: readonly string[]): string {
	const unknown = codes.find((each) => !Object.hasOwn(catalogue, each));
	if (unknown !== undefined)
		throw new UsageError(`There is no error code "${unknown}". dynreg explain without a code lists all codes.`);
	return (codes.length ? (codes as Code[]) : allCodes).map(describe).join("\n");
}

function describe(code: Code): string {
	const { where, note } = catalogue[code];
	const meanings = meaningsOf(code).map(([reason, [happened, advice]]) => {
		const meaning = reason === "" ? "" : `  ${reason}:\n`;
		return `${meaning}  what happened: ${happened}\n${advice === undefined ? "" : `  what to do:    ${advice}\n`}`;
	});
	const more = note === undefined ? "" : `  ${note}\n`;
	return `${colour(process.stdout, "bold", code)} (${where})\n${meanings.join("")}${more}`;
}

/** Each meaning by its reason, the general one first: that of every other failure, and of a cloud before its numbers. */
function meaningsOf(code: Code): (readonly [reason: string, message: Message])[] {
	const { messages } = catalogue[code];
	const reasons = Object.keys(messages);
	const isGeneral = (reason: string, other: string) => reason === "" || other.startsWith(`${reason} `);
	const ordered: string[] = [];
	for (const reason of reasons) {
		const at = ordered.findIndex((other) => isGeneral(reason, other));
		ordered.splice(at < 0 ? ordered.length : at, 0, reason);
	}
	return ordered.map((reason) => {
		const label = reason !== "server" ? reason : reasons.includes("") ? "with a server" : "";
		return [label, messages[reason] as Message];
	});
}

/** The tables of `docs/reference/errors.md`. */
export function errorTables(): string {
	const groups = new Map<string, Code[]>();
	for (const code of allCodes) {
		const { where } = catalogue[code];
		groups.set(where, [...(groups.get(where) ?? []), code]);
	}
	return Array.from(groups, ([where, members]) =>
		[
			`## ${where}`,
			"",
			"| code | `reason`, or cloud and code | what happened | what to do |",
			"| --- | --- | --- | --- |",
			...members.flatMap(rows),
		].join("\n"),
	).join("\n\n");
}

/** One row for each meaning of the code; the note is in the first. */
function rows(code: Code): string[] {
	const { note } = catalogue[code];
	return meaningsOf(code).map(([reason, [happened, advice = ""]], index) => {
		const meaning = reason === "" || /[ 0-9]/.test(reason) || cloudNamed(reason) ? reason : `\`${reason}\``;
		const todo = [advice, index === 0 ? (note ?? "") : ""].filter((text) => text !== "").join(" ");
		return `| ${index === 0 ? `\`${code}\`` : ""} | ${meaning} | ${withLinks(happened)} | ${withLinks(todo)} |`;
	});
}

/** Makes links of the documents that a text names, relative to `docs/reference/`. */
function withLinks(text: string): string {
	return text.replace(/docs\/([a-z]+\/([a-z-]+\.md))/g, "[$2](../$1)");
}
