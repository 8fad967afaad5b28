import type { JournalEntry } from "@dynreg/cloud";
import { colour } from "../terminal/colour.js";
import { replaceControls } from "../terminal/replace-controls.js";

const colours = { accepted: "green", refused: "red", closed: "gray" } as const;

/** An entry of the cloud's journal as a line for people; a refused signature shows what was expected. */
export function journalLine({
	time,
	verdict,
	transport,
	operation,
	product,
	device,
	reason,
	code,
	expected,
}: JournalEntry): string {
	const who = [product, device].filter(Boolean).join("/");
	const text = [
		time.slice(11, 23),
		colour(process.stdout, colours[verdict], verdict.padEnd(8)),
		transport.padEnd(5),
		operation.padEnd(15),
		`${who ? `${who}: ` : ""}${replaceControls(reason)}${code === undefined ? "" : ` (${code})`}`,
	].join(" ");
	if (!expected) return text;
	const { algorithm, stringToSign } = expected;
	return `${text}\n${" ".repeat(13)}expected: ${algorithm} of ${JSON.stringify(stringToSign)}`;
}
