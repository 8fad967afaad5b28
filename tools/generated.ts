import { readFileSync, writeFileSync } from "node:fs";

/**
 * Replaces what stands in a document between `<!-- name:begin -->` and `<!-- name:end -->`.
 *
 * @throws Error if the document has no such lines
 */
export function writeGenerated(document: string, name: string, text: string): void {
	const begin = `<!-- ${name}:begin -->\n`;
	const end = `<!-- ${name}:end -->`;
	const whole = readFileSync(document, "utf8");
	const from = whole.indexOf(begin);
	const to = whole.indexOf(end);
	if (from < 0 || to < from) throw new Error(`${document} lacks the lines ${begin.trim()} and ${end}. Add both lines.`);
	writeFileSync(document, `${whole.slice(0, from + begin.length)}\n${text.trim()}\n\n${whole.slice(to)}`);
}
