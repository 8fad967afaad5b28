/**
 * The decisions of a board's life, without the life: `boot` tells what has happened, in the order of
 * the functions below, and does what the state says.
 *
 * Pure, so that it can be proved (`test/unit/policy.test.ts`) and run for a million boards at once
 * (`dynreg fleet`).
 */

import type { Action, Code } from "../contracts/error.js";
import type { Order } from "../contracts/event.js";
import type { Milliseconds } from "../contracts/host.js";
import { word } from "../core/bytes.js";
import { isReplaceable } from "../credential-store/vault.js";

/** What a board remembers from one attempt to the next, until its power goes. */
export interface State {
	/** Seconds to wait before the next attempt. */
	readonly wait: number;
	/** What the last failure calls for. */
	readonly action: Action;
	/** Attempts that have failed in a row. */
	readonly failures: number;
	/** What went wrong may be the clock's fault: the time is asked for even if it is known. */
	readonly doubted: boolean;
	/** It has been asked for because of that: the clock is not at fault any more. */
	readonly asked: boolean;
	/** Get a credential, store it and connect with it; else connect with the one in flash. */
	readonly register: boolean;
	/** Seconds within which the first attempt comes, of each row of attempts: a fleet that goes together comes apart. */
	readonly spread: number;
	/** Somebody at the board has asked for another credential: register once, whatever is in flash. */
	readonly again: "no" | "wanted" | "tried";
}

/** What is known of the credential in flash. */
export interface Kept {
	readonly active: boolean;
	readonly refusals: number;
}

/** What is known of a failure. */
export interface Setback {
	readonly code: Code;
	readonly action: Action;
	readonly retryAfter?: number | undefined;
}

/**
 * The power has come. A fleet that is switched on together does not come together.
 *
 * @param spread seconds within which the first attempt comes
 * @param random from 0 up to but not including 1
 */
export const poweredUp = (spread: number, random: number): State => {
	return {
		wait: spread * random,
		action: "retry",
		failures: 0,
		doubted: false,
		asked: false,
		register: false,
		again: "no",
		spread,
	};
};

/** The time is known; it has been asked for if it was doubted. */
export const timeKnown = (state: State): State => ({ ...state, doubted: false, asked: state.doubted });

/**
 * Flash has been read. A credential that was refused for good is still tried, in turn with
 * registering: whichever is mended first (invariants 1, 6). What somebody has asked for is tried
 * once: then it is the turn of what is in flash.
 */
export const looked = (state: State, kept: Kept | undefined): State => {
	const again = kept !== undefined && state.again === "wanted" ? "tried" : "no";
	const register = kept === undefined || again === "tried" || (isReplaceable(kept) && !state.register);
	return { ...state, register, again };
};

/** What registration yielded is in flash, and is connected with next. */
export const stored = (state: State): State => ({ ...state, register: false, again: "no" });

/**
 * The attempt has failed, or the session that it led to is over (invariant 7). After one that had lasted, as
 * after power-up, a board comes within its spread: the whole fleet may have been cut off at once.
 *
 * @param lasted how long there was a session
 * @param random from 0 up to but not including 1
 */
export const failed = (state: State, setback: Setback, lasted: Milliseconds, random: number): State => {
	const { code, retryAfter } = setback;
	// After a session of a minute the next attempt counts as the first one again.
	const afresh = lasted >= 60_000;
	const failures = afresh ? 1 : state.failures + 1;
	const mayBeTheClock =
		code === "bad-timestamp" || code === "certificate-expired" || code === "certificate-not-yet-valid";
	// Nobody has to mend what the next look at a time server mends.
	const action = (mayBeTheClock && !state.asked) || fallsBack(state) ? "retry" : setback.action;
	const row = fallsBack(state) ? 1 : failures;
	const wait = delay(row, random, { action, retryAfter, spread: afresh ? state.spread : 0 });
	const again = state.again === "tried" ? "no" : state.again;
	// A doubt stands until the time has been asked for, whatever else goes wrong before.
	return { ...state, wait, action, failures, doubted: mayBeTheClock || state.doubted, again };
};

/**
 * Somebody at the board asks for something while it waits: it waits no longer than it must (invariant 7), even where
 * a server has asked for patience, and what failed before counts no more. What is to be erased has been by now.
 *
 * @param waited since the wait began, which is no earlier than the last attempt's end
 */
export const ordered = (state: State, order: Order, waited: Milliseconds): State => {
	const wait = Math.max(0, Math.min(state.wait, shortestDelay) - waited / 1000);
	return { ...state, wait, failures: 0, again: order === "now" ? state.again : order === "register" ? "wanted" : "no" };
};

/** Another credential was wanted and could not be got; the one in flash has nothing to do with that, and is next. */
const fallsBack = ({ again }: State): boolean => again === "tried";

/** Seconds. No two attempts come closer together. The platforms refuse more than one connection in five seconds. */
export const shortestDelay = 5;
/** Seconds. However long an outage lasts, a board is back this soon after it. */
export const longestDelay = 300;

/** What a delay depends on besides the failures in a row. */
export interface Reasons {
	readonly action: Action;
	/** Seconds that the server asks for. */
	readonly retryAfter?: number | undefined;
	/** Seconds. */
	readonly spread?: number;
}

/**
 * How long to wait before the next attempt (invariant 7).
 *
 * Exponential with full jitter above the floor, so that boards which failed
 * together do not come back together. What only a person can mend is tried at
 * the longest delay. A server's `Retry-After` is a floor, with the jitter on top:
 * as wide as the server's patience, since it tells a whole fleet the same.
 *
 * @param attempt how many attempts have failed in a row, from 1
 * @param random from 0 up to but not including 1
 * @param reasons `spread`: seconds that the jitter is to have at least; never beyond the longest delay
 * @returns seconds
 */
export const delay = (attempt: number, random: number, { action, retryAfter = 0, spread = 0 }: Reasons): number => {
	const stop = action === "stop";
	const floor = stop ? 0.9 * longestDelay : shortestDelay;
	const widest = Math.max(shortestDelay * 2 ** Math.min(attempt, 10), shortestDelay + Math.max(retryAfter, spread));
	const ceiling = stop ? longestDelay : Math.min(longestDelay, widest);
	const jittered = floor + random * (ceiling - floor);
	// A server that asks for more patience is asked again after a day all the same.
	return retryAfter > 0 ? Math.min(retryAfter, 86_400) + jittered : jittered;
};

/** @param bytes at least four random ones @returns from 0 up to but not including 1 */
export const fraction = (bytes: Uint8Array): number => word(bytes, 0) / 0x1_0000_0000;
