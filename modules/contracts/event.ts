import type { Action, Code, Phase } from "./error.js";

/**
 * What a board tells about its life. One line of a log, one line of JSON.
 * Never carries a secret or anything derived from one.
 */
export type BoardEvent =
	| { readonly event: "boot"; readonly device: string }
	| { readonly event: "registering"; readonly device: string; readonly endpoint: string }
	| { readonly event: "registered"; readonly device: string }
	| { readonly event: "stored"; readonly device: string; readonly generation: number }
	| { readonly event: "connecting"; readonly device: string; readonly endpoint: string }
	| { readonly event: "online"; readonly device: string }
	/** The platform's own clock has corrected ours: UTC in milliseconds since 1970. */
	| { readonly event: "clock"; readonly now: number }
	| { readonly event: "message"; readonly topic: string; readonly payload: string }
	/** The session is over. */
	| ({ readonly event: "offline" } & FailureReport)
	/** A step towards the session failed; or, without `retryIn`, something beside it: the session goes on. */
	| ({ readonly event: "failed" } & FailureReport);

export interface FailureReport {
	readonly phase: Phase;
	readonly code: Code;
	readonly action: Action;
	/** For people: what happened, why it probably did, what to do. */
	readonly message: string;
	/** Seconds until the next try; absent where there is none. */
	readonly retryIn?: number;
}
