/**
 * The state of a button that erases the credential when pressed within ten seconds of power-up and held for five.
 *
 * A pin that is low from the start is used for something else, so it must be high once before a press counts. Pure: the
 * caller samples the pin.
 */

import type { Milliseconds } from "../contracts/host.js";

/** After power-up: a later press belongs to the application. */
const armWindowMs = 10_000;
const holdMs = 5_000;
/** How long the LED flickers after an erase. */
const feedbackMs = 2_000;

export interface Button {
	/** The button was released at least once. */
	readonly ready: boolean;
	/** Start of the current press. */
	readonly pressedSince: Milliseconds | undefined;
	/** The last sample was high; a single high sample within a press is a bounce. */
	readonly bounced: boolean;
	/** When the button had been held long enough. */
	readonly erasedAt: Milliseconds | undefined;
	/** No more samples are needed. */
	readonly done: boolean;
}

export const initialButton: Button = Object.freeze({
	ready: false,
	pressedSince: undefined,
	bounced: false,
	erasedAt: undefined,
	done: false,
});

/** The most frequent state, as a single object to save a board's memory. */
const released: Button = Object.freeze({ ...initialButton, ready: true, bounced: true });

/**
 * The next state.
 *
 * @param pressed whether the pin is low
 * @param now milliseconds since power-up
 */
export const sample = (button: Button, pressed: boolean, now: Milliseconds): Button => {
	if (button.erasedAt !== undefined) return { ...button, done: now - button.erasedAt >= feedbackMs };
	if (!pressed) {
		if (button.pressedSince !== undefined && !button.bounced) return { ...button, bounced: true };
		return now >= armWindowMs ? { ...released, done: true } : released;
	}
	const pressedSince = button.pressedSince ?? (button.ready && now < armWindowMs ? now : undefined);
	const erasedAt = pressedSince !== undefined && now - pressedSince >= holdMs ? now : undefined;
	return { ...button, bounced: false, pressedSince, erasedAt, done: pressedSince === undefined && now >= armWindowMs };
};

/** Whether the LED is on: it blinks while the press counts, and flickers after the erase. @param now milliseconds since power-up */
export const ledOn = ({ pressedSince, erasedAt }: Button, now: Milliseconds): boolean => {
	if (erasedAt !== undefined) return Math.floor((now - erasedAt) / 100) % 2 === 0;
	return pressedSince !== undefined && Math.floor((now - pressedSince) / 500) % 2 === 0;
};
