import type { Action, Code, FailureValues, Phase } from "./error.js";
import type { JoinFailure, KnownNetwork, SetupReason } from "./setup.js";

/**
 * What a board logs: one event, one line of JSON. Never contains a secret or anything derived from one.
 */
export type BoardEvent =
	| { readonly event: "boot"; readonly device: string }
	| { readonly event: "registering"; readonly device: string; readonly endpoint: string }
	| { readonly event: "registered"; readonly device: string }
	/** The configuration holds another certificate than flash, which replaces it without a registration. */
	| { readonly event: "renewed"; readonly device: string }
	| { readonly event: "stored"; readonly device: string; readonly generation: number }
	| { readonly event: "connecting"; readonly device: string; readonly endpoint: string }
	| { readonly event: "online"; readonly device: string }
	/** The platform's time service has set the clock: UTC in milliseconds since 1970. */
	| { readonly event: "clock"; readonly now: number }
	| { readonly event: "message"; readonly topic: string; readonly payload: string }
	/** So many messages were dropped, the oldest first, since the application has not received any for seconds. */
	| { readonly event: "dropped"; readonly count: number }
	/** The session is over. */
	| ({ readonly event: "offline" } & FailureReport)
	/** An attempt failed. Without `retryIn`: an error beside the session, which continues. */
	| ({ readonly event: "failed" } & FailureReport)
	/** A command given at the board is now executed. */
	| { readonly event: "command-received"; readonly command: Command }
	/** The device's credential was erased from flash. */
	| { readonly event: "erased"; readonly device: string }
	/** Set-up mode. The customer's network is not named. */
	| ({ readonly event: "setup" } & SetupReport)
	/** The console's response to a command, for people. */
	| { readonly event: "answer"; readonly message: string }
	/** The console's response to `state`. */
	| ({ readonly event: "state" } & StateReport);

/**
 * A command given at the board.
 *
 * - `now`: end the wait for the next attempt.
 * - `register`: get another credential. The current one is kept until the broker has accepted the new one.
 * - `erase`: erase the credential and start over.
 */
export type Command = "now" | "register" | "erase";

/** Where commands given at the device go. */
export interface CommandSink {
	/** @returns whether the device will execute it */
	post(command: Command): boolean;
}

export interface StateReport {
	/** `cloud/product/name`; absent before the configuration has been read. */
	readonly device?: string;
	readonly doing: "starting" | "registering" | "connecting" | "online" | "waiting";
	/** Seconds since `doing` began. */
	readonly since: number;
	/** Seconds until the next attempt. */
	readonly next?: number;
	/** The last failure, until the next success. */
	readonly failure?: Code;
	/** The kind of credential in flash; absent if there is none or it is unreadable. */
	readonly credential?: "key" | "token" | "certificate" | "login";
	/** Whether the broker has accepted the credential before. */
	readonly active?: boolean;
	/** With set-up mode only: where the board's network is from. */
	readonly network?: KnownNetwork | undefined;
}

/** The effect of a line typed into the console: show the state, or execute the command; and the response. */
export interface ParsedLine {
	readonly state?: true;
	readonly command?: Command;
	readonly response?: string;
}

export type SetupReport =
	/** The board's own access point, by its name, and the address of the page. */
	| { readonly state: "open"; readonly reason: SetupReason; readonly network: string; readonly page: string }
	/** A network that a person has entered is tried. */
	| { readonly state: "joining" }
	| { readonly state: "failed"; readonly reason: JoinFailure }
	/** The network is in flash. */
	| { readonly state: "stored" }
	/** The access point is closed: after success, or since it was not used. */
	| { readonly state: "closed" }
	/** The stored networks have been erased, by the console's `wifi forget`. */
	| { readonly state: "forgotten" };

export interface FailureReport extends FailureValues {
	readonly phase: Phase;
	readonly code: Code;
	readonly action: Action;
	/**
	 * For people: what happened, the likely cause, the next step. Added on a desktop by `dynreg/messages/sentence`, never by
	 * a device.
	 */
	readonly message?: string;
	/** For a `bad-configuration` related to the factory partition: its label, and `value` or its state. */
	readonly factory?: string;
	/** Seconds until the next attempt; absent if there is none. */
	readonly retryIn?: number;
}
