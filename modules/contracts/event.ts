import type { Action, Code, Phase } from "./error.js";

/**
 * What a board tells about its life. One line of a log, one line of JSON.
 * Never carries a secret or anything derived from one.
 */
export type BoardEvent =
	| { readonly event: "boot"; readonly device: string; readonly state: "empty" | "fresh" | "active" }
	| { readonly event: "registering"; readonly device: string; readonly endpoint: string }
	| { readonly event: "registered"; readonly device: string }
	| { readonly event: "stored"; readonly device: string; readonly generation: number }
	| { readonly event: "connecting"; readonly device: string; readonly endpoint: string }
	| { readonly event: "online"; readonly device: string }
	| { readonly event: "clock"; readonly now: string }
	| { readonly event: "message"; readonly topic: string; readonly payload: string }
	| { readonly event: "offline"; readonly code: Code; readonly message: string }
	| {
			readonly event: "failed";
			readonly phase: Phase;
			readonly code: Code;
			readonly action: Action;
			readonly message: string;
			/** Seconds until the next try. */
			readonly retryIn: number;
	  };
