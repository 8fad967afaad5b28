import type { Action } from "../contracts/error.js";
import { word } from "../core/bytes.js";

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
