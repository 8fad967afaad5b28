/**
 * The device lifecycle as a pure state machine: `boot` reports what has happened as an event, and does what the state
 * says.
 *
 * Pure, so that it can be proved (`test/unit/policy.test.ts`) and run for a million boards at once
 * (`dynreg fleet`).
 */

import type { Action, Code } from "../contracts/error.js";
import type { Command } from "../contracts/event.js";
import type { Milliseconds } from "../contracts/host.js";
import { uint32 } from "../core/bytes.js";
import { isReplaceable } from "../credential-store/vault.js";

/** What a device remembers between attempts, until its power is cut. */
export interface State {
	/** Seconds to wait before the next attempt. */
	readonly delay: number;
	/** The action of the last failure. */
	readonly action: Action;
	/** Failed attempts in a row, without a session of a minute. */
	readonly attempts: number;
	/** Sessions in a row that were lost within a minute. */
	readonly shortSessions: number;
	/** The `attempts` from which a refused credential may be replaced, and the distance to the next such number. */
	readonly registerFrom: number;
	readonly registerAfter: number;
	/** The clock may have caused a failure: synchronize it again even if the time is known. */
	readonly clockSuspect: boolean;
	/** The clock was synchronized again for that reason, so it is not the cause any more. */
	readonly clockResynced: boolean;
	/** Register, store the credential and connect with it; otherwise connect with the one in flash. The two take turns. */
	readonly shouldRegister: boolean;
	/** Seconds over which the first attempt is spread, so that devices powered on together do not connect at once. */
	readonly startupJitter: number;
	/** Whether a command at the device requested another credential: then it registers once, whatever is in flash. */
	readonly reregister: "no" | "requested" | "tried";
}

/** The state of the credential in flash. */
export interface CredentialStatus {
	readonly active: boolean;
	readonly refusals: number;
}

/** The parts of a failure that decisions depend on. */
export interface FailureInfo {
	readonly code: Code;
	readonly action: Action;
	readonly retryAfter?: number | undefined;
	readonly reason?: string | undefined;
}

/** Events in the order of an attempt; `attempt-failed` and `command-received` may come at any point. */
export type PolicyEvent =
	/** The time is known. If the clock was suspect, it has been synchronized again. */
	| { readonly type: "clock-synced" }
	/** Flash has been read. */
	| { readonly type: "credential-loaded"; readonly credential: CredentialStatus | undefined }
	/**
	 * The new credential is in flash and is used for the next connection. `previous`: the one that it replaces has not been
	 * refused, so that is next if the new one is refused.
	 */
	| { readonly type: "credential-stored"; readonly previous?: unknown }
	| AttemptFailed
	/**
	 * A command given during a wait has been executed. `waited` is the time since the wait began, which is not before the
	 * end of the last attempt.
	 */
	| { readonly type: "command-received"; readonly command: Command; readonly waited: Milliseconds };

/** The attempt has failed, or its session has ended. */
export interface AttemptFailed {
	readonly type: "attempt-failed";
	readonly failure: FailureInfo;
	/** Duration of the session; 0 if there was none. */
	readonly lasted: Milliseconds;
	/** From 0 up to but not including 1. */
	readonly random: number;
}

/**
 * The state at power-up.
 *
 * @param startupJitter seconds within which the first attempt comes
 * @param random from 0 up to but not including 1
 */
export const initialState = (startupJitter: number, random: number): State => {
	return {
		delay: startupJitter * random,
		action: "retry",
		attempts: 0,
		shortSessions: 0,
		...unlimited,
		clockSuspect: false,
		clockResynced: false,
		shouldRegister: false,
		reregister: "no",
		startupJitter,
	};
};

/** Of registrations: the first in a row without a stable session, so the next one may follow at once. */
const unlimited = Object.freeze({ registerFrom: 0, registerAfter: 1 });
/** Some eight hours at the longest backoff: a platform that refuses whatever it issues costs a few writes to flash a day. */
const maxRegisterAfter = 200;

/** The state after this event. */
export const next = (state: State, event: PolicyEvent): State => {
	switch (event.type) {
		case "clock-synced":
			return { ...state, clockSuspect: false, clockResynced: state.clockSuspect };
		case "credential-loaded": {
			// A finally refused credential and registration take turns until one succeeds (invariants 1, 6), but rarely once
			// registration has succeeded in vain. A requested registration is tried once, then the credential in flash.
			const { credential } = event;
			const reregister = credential !== undefined && state.reregister === "requested" ? "tried" : "no";
			const shouldRegister =
				credential === undefined ||
				reregister === "tried" ||
				(isReplaceable(credential) && !state.shouldRegister && state.attempts >= state.registerFrom);
			return { ...state, shouldRegister, reregister };
		}
		case "credential-stored":
			return {
				...state,
				shouldRegister: !!event.previous,
				reregister: "no",
				registerFrom: state.attempts + state.registerAfter,
				registerAfter: Math.min(state.registerAfter * 10, maxRegisterAfter),
			};
		case "attempt-failed":
			return afterFailure(state, event);
		case "command-received": {
			// Wait only for the minimum delay (invariant 7), even if a server requested more. Earlier failures do not
			// count. `erase` has been executed already.
			const { command, waited } = event;
			const delay = Math.max(0, Math.min(state.delay, minDelay) - waited / 1000);
			const reregister = command === "now" ? state.reregister : command === "register" ? "requested" : "no";
			return { ...state, delay, attempts: 0, ...unlimited, reregister };
		}
	}
};

/**
 * Invariant 7. After a stable session, as after power-up, the next attempt is spread over the startup jitter: the whole
 * fleet may have lost its connection at once.
 */
const afterFailure = (state: State, { failure, lasted, random }: AttemptFailed): State => {
	const { code, retryAfter } = failure;
	// A session of a minute resets the failure count.
	const stable = lasted >= 60_000;
	const attempts = stable ? 1 : state.attempts + 1;
	const mayBeTheClock =
		code === "bad-timestamp" || code === "certificate-expired" || code === "certificate-not-yet-valid";
	// A requested registration has failed: that says nothing about the credential in flash, which is next.
	const tried = state.reregister === "tried";
	// No one needs to act on a clock that the next synchronization may correct.
	// A credential that no connection can be opened with is replaced, as one that the broker has refused.
	const action =
		(mayBeTheClock && !state.clockResynced) || tried || failure.reason === "own-certificate" ? "retry" : failure.action;
	return {
		...state,
		...(stable && unlimited),
		shortSessions:
			lasted > 0 ? (stable || code !== "connection-lost" ? 0 : state.shortSessions + 1) : state.shortSessions,
		// A session that was to end has spread the fleet already.
		delay:
			failure.reason === "renewal"
				? Math.max(0, minDelay - lasted / 1000)
				: backoff(tried ? 1 : attempts, random, { action, retryAfter, jitter: stable ? state.startupJitter : 0 }),
		action,
		attempts,
		// Suspect until the next synchronization, whatever else fails before.
		clockSuspect: mayBeTheClock || state.clockSuspect,
		reregister: tried ? "no" : state.reregister,
	};
};

/** Minimum seconds between attempts. The platforms refuse more than one connection in five seconds. */
export const minDelay = 5;
/** Maximum backoff in seconds, so that a board reconnects this soon after an outage of any length. */
export const maxDelay = 300;

/** What a delay depends on, besides the number of failed attempts. */
export interface BackoffOptions {
	readonly action: Action;
	/** Seconds, from the server. */
	readonly retryAfter?: number | undefined;
	/** Minimum width of the jitter in seconds, limited by the maximum delay. */
	readonly jitter?: number;
}

/**
 * The delay before the next attempt (invariant 7).
 *
 * Exponential backoff with full jitter above the minimum, so that boards which failed together do not retry together.
 * Errors that only a person can fix use the maximum delay. `Retry-After` is added to the delay, with jitter as wide as
 * its value, since a server sends the same value to a whole fleet.
 *
 * @param attempt failed attempts in a row, from 1
 * @param random from 0 up to but not including 1
 * @returns seconds
 */
export const backoff = (
	attempt: number,
	random: number,
	{ action, retryAfter = 0, jitter = 0 }: BackoffOptions,
): number => {
	const capped = action === "needs-attention";
	const min = capped ? 0.9 * maxDelay : minDelay;
	const widest = Math.max(minDelay * 2 ** Math.min(attempt, 10), minDelay + Math.max(retryAfter, jitter));
	const max = capped ? maxDelay : Math.min(maxDelay, widest);
	const delay = min + random * (max - min);
	// Ask again after a day even if the server requests more.
	return retryAfter > 0 ? Math.min(retryAfter, 86_400) + delay : delay;
};

/** @param bytes at least four random bytes @returns a number from 0 up to but not including 1 */
export const fraction = (bytes: Uint8Array): number => uint32(bytes, 0) / 0x1_0000_0000;
