import type { Action, Code, FailureValues, Phase } from "./error.js";

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
	| ({ readonly event: "failed" } & FailureReport)
	/** Somebody at the board has asked for this, and now it is done. */
	| { readonly event: "ordered"; readonly order: Order }
	/** Flash holds no credential of this device any more. */
	| { readonly event: "erased"; readonly device: string }
	/** What the console says to a command, for people. */
	| { readonly event: "answer"; readonly message: string }
	/** The console's answer to `state`. */
	| ({ readonly event: "state" } & StateReport);

/**
 * What somebody at the board may ask for.
 *
 * - `now`: do not wait for the next try.
 * - `register`: get another credential. The one in use is kept until the broker has accepted the other.
 * - `erase`: forget the credential, and start over.
 */
export type Order = "now" | "register" | "erase";

/** What takes orders. */
export interface OrderTaker {
	/** @returns whether anybody will do it */
	give(order: Order): boolean;
}

export interface StateReport {
	/** `cloud/product/name`; absent before the configuration has been read. */
	readonly device?: string;
	readonly doing: "starting" | "registering" | "connecting" | "online" | "waiting";
	/** Seconds that it has been doing so. */
	readonly since: number;
	/** Seconds until the next try. */
	readonly next?: number;
	/** The last failure, while it has not been overcome. */
	readonly trouble?: Code;
	/** What is in flash. Absent: nothing that can be read. */
	readonly credential?: "key" | "token" | "certificate";
	/** The broker has accepted it before. */
	readonly active?: boolean;
}

export interface FailureReport extends FailureValues {
	readonly phase: Phase;
	readonly code: Code;
	readonly action: Action;
	/**
	 * For people: what happened, why it probably did, what to do. No device sends it: whatever follows one on a desktop
	 * adds it, with `dynreg/messages/sentence`.
	 */
	readonly message?: string;
	/** Of a `bad-configuration` that the factory partition has to do with: its label, and `value` or its state. */
	readonly factory?: string;
	/** Seconds until the next try; absent where there is none. */
	readonly retryIn?: number;
}
