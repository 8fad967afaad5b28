/**
 * A button that erases the credential: pressed within ten seconds of power-up, and held for five.
 *
 * A pin that is low from the start is no button, but something else that the board uses it for: it has to be seen
 * released first. Pure: whoever looks at the pin says what it saw, and when.
 */

import type { Milliseconds } from "../contracts/host.js";

/** From power-up: a press that begins later is the application's. */
const window = 10_000;
const hold = 5_000;
/** How long the light goes on flickering. */
const farewell = 2_000;

export interface Button {
	/** It has been seen released. */
	readonly ready: boolean;
	/** When the press that lasts still began. */
	readonly since: Milliseconds | undefined;
	/** The last look saw it released; one look like that within a press is a bounce. */
	readonly loose: boolean;
	/** When it had been held long enough. */
	readonly erased: Milliseconds | undefined;
	/** There is nothing more to look for. */
	readonly over: boolean;
}

export const untouched: Button = Object.freeze({
	ready: false,
	since: undefined,
	loose: false,
	erased: undefined,
	over: false,
});

/** What most looks find: kept once, since a board has no memory to spare. */
const released: Button = Object.freeze({ ...untouched, ready: true, loose: true });

/**
 * @param pressed what the pin says
 * @param now since power-up
 */
export const looked = (button: Button, pressed: boolean, now: Milliseconds): Button => {
	if (button.erased !== undefined) return { ...button, over: now - button.erased >= farewell };
	if (!pressed) {
		if (button.since !== undefined && !button.loose) return { ...button, loose: true };
		return now >= window ? { ...released, over: true } : released;
	}
	const since = button.since ?? (button.ready && now < window ? now : undefined);
	const erased = since !== undefined && now - since >= hold ? now : undefined;
	return { ...button, loose: false, since, erased, over: since === undefined && now >= window };
};

/** Whether a light beside the button is on: it blinks while the button counts, and flickers once it has done it. */
export const lit = ({ since, erased }: Button, now: Milliseconds): boolean => {
	if (erased !== undefined) return Math.floor((now - erased) / 100) % 2 === 0;
	return since !== undefined && Math.floor((now - since) / 500) % 2 === 0;
};
