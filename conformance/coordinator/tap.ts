import type { CaseResult } from "./result.js";

/** TAP version 14 (testanything.org), a result at a time. */
export function tapPlan(count: number): string {
	return `TAP version 14\n1..${count}`;
}

/** @param number from 1 */
export function tapLine({ name, outcome, reason = "", duration }: CaseResult, number: number): string {
	const line = `${outcome === "failed" ? "not ok" : "ok"} ${number} - ${escaped(name)}`;
	if (outcome === "skipped") return `${line} # SKIP ${escaped(reason)}`;
	const details = [`duration_ms: ${duration}`, ...(outcome === "failed" ? [`message: ${JSON.stringify(reason)}`] : [])];
	return [line, "  ---", ...details.map((each) => `  ${each}`), "  ..."].join("\n");
}

/** A number sign begins a directive. */
function escaped(text: string): string {
	return text.replace(/[\\#]/g, "\\$&").replace(/\s+/g, " ");
}
