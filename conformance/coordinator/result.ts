import type { Measurements } from "../device/device-case.js";

/** The result of one case. */
export interface CaseResult {
	readonly name: string;
	readonly outcome: "passed" | "failed" | "skipped";
	/** Why it failed or was skipped, for people. */
	readonly reason?: string;
	/** Milliseconds, restarts not counted. */
	readonly duration: number;
	readonly measurements: Measurements;
	/** The most that the engine's meters have shown, if they were read while it ran: slots and chunks, bytes. */
	readonly memory?: number;
}
