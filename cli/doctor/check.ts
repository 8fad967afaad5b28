/** What a person may want to do. */
export const purposes = ["try", "sim", "esp32", "esp8266"] as const;
export type Purpose = (typeof purposes)[number];

/** What has been looked at, and what came of it. */
export interface Check {
	/** Stable. */
	readonly id: string;
	readonly title: string;
	/** `missing` stands in the way; `warning` may, or will. */
	readonly state: "ok" | "warning" | "missing";
	/** What was found, for people. Never a secret. */
	readonly detail: string;
	/** The command that mends it, or a sentence where there is none; absent if all is well. */
	readonly mend?: string;
	/** What it takes this for; empty where it is about the configuration, which goes anywhere. */
	readonly for: readonly Purpose[];
}

type Found = Pick<Check, "state" | "detail" | "mend">;

export function ok(detail: string): Found {
	return { state: "ok", detail };
}

export function warning(detail: string, mend: string): Found {
	return { state: "warning", detail, mend };
}

export function missing(detail: string, mend: string): Found {
	return { state: "missing", detail, mend };
}

/** Whether nothing that this takes is missing. */
export function isReady(purpose: Purpose, checks: readonly Check[]): boolean {
	return checks.every((check) => check.state !== "missing" || !check.for.includes(purpose));
}
