import type { CaseResult } from "@dynreg/conformance/internal/coordinator/result";
import { colour } from "../terminal/colour.js";
import { replaceControls } from "../terminal/replace-controls.js";

const colours = { passed: "green", failed: "red", skipped: "yellow" } as const;
const indentation = `\n${" ".repeat(28)}`;

/** The result of one case for people: a line, and below it the reason and what it has measured. */
export function resultLine({ name, outcome, reason, duration, measurements, memory }: CaseResult): string {
	const head = `${colour(process.stdout, colours[outcome], outcome.padEnd(8))} ${`${duration} ms`.padStart(9)}`;
	const kilobytes = memory === undefined ? "" : `${Math.round(memory / 1024)} KB`;
	const numbers = Object.entries(measurements).map(([what, value]) => `${indentation}${what}: ${value}`);
	const why = reason === undefined ? "" : `${indentation}${replaceControls(reason)}`;
	return `${head} ${kilobytes.padStart(8)}  ${name}${why}${numbers.join("")}`;
}
