import type { Measured } from "../device/device-case.js";

/** What came of one case. */
export interface Result {
	readonly name: string;
	readonly outcome: "passed" | "failed" | "skipped";
	/** Why it failed or was skipped, for people. */
	readonly reason?: string;
	/** Milliseconds, restarts not counted. */
	readonly took: number;
	readonly measured: Measured;
	/** The most that the engine's meters have shown, if they were read while it ran: slots and chunks, bytes. */
	readonly memory?: number;
}
