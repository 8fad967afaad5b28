import type { Result } from "@dynreg/conformance/internal/coordinator/result";
import { colour } from "../terminal/colour.js";
import { printable } from "../terminal/printable.js";

const colours = { passed: "green", failed: "red", skipped: "yellow" } as const;
const indentation = `\n${" ".repeat(28)}`;

/** The result of one case for people: a line, and below it the reason and what it has measured. */
export function resultLine({ name, outcome, reason, took, measured, memory }: Result): string {
	const head = `${colour(process.stdout, colours[outcome], outcome.padEnd(8))} ${`${took} ms`.padStart(9)}`;
	const kilobytes = memory === undefined ? "" : `${Math.round(memory / 1024)} KB`;
	const numbers = Object.entries(measured).map(([what, value]) => `${indentation}${what}: ${value}`);
	const why = reason === undefined ? "" : `${indentation}${printable(reason)}`;
	return `${head} ${kilobytes.padStart(8)}  ${name}${why}${numbers.join("")}`;
}
