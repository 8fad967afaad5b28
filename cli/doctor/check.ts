/** The purposes that `--for` selects. */
export const purposes = ["try", "sim", "esp32", "esp8266"] as const;
export type Purpose = (typeof purposes)[number];

/** A check and its result. */
export interface Check {
	/** Stable. */
	readonly id: string;
	readonly title: string;
	/** `missing`: a problem; `warning`: possibly one. */
	readonly state: "ok" | "warning" | "missing";
	/** What was found, for people. Never a secret. */
	readonly detail: string;
	/** The command that fixes the problem, or a sentence; absent if the state is `ok`. */
	readonly fix?: string;
	/** The purposes that require this; empty for a check of the configuration. */
	readonly for: readonly Purpose[];
}

type CheckResult = Pick<Check, "state" | "detail" | "fix">;

export function ok(detail: string): CheckResult {
	return { state: "ok", detail };
}

export function warning(detail: string, fix: string): CheckResult {
	return { state: "warning", detail, fix };
}

export function missing(detail: string, fix: string): CheckResult {
	return { state: "missing", detail, fix };
}

/** Whether nothing that this takes is missing. */
export function isReady(purpose: Purpose, checks: readonly Check[]): boolean {
	return checks.every((check) => check.state !== "missing" || !check.for.includes(purpose));
}
