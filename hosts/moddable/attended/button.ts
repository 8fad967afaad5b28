import { input, output } from "dynreg/attended/pins";
import { lit, looked, untouched } from "dynreg/button";
import { number } from "dynreg/configuration";
import Timer from "timer";
import type { Configuration } from "../../../modules/contracts/cloud.js";
import type { Order } from "../../../modules/contracts/event.js";
import type { Host } from "../../../modules/contracts/host.js";
import type { Output } from "./pin.js";

/** Milliseconds between two looks at the button; longer than its contacts bounce. */
const pause = 100;
/** The boot button of most boards, and the light beside the chip. */
const usual = { button: 0, led: 2 };

/**
 * Looks at the button from power-up on, until nothing can come of it any more.
 *
 * @throws Failure `bad-configuration`; Error when there is no such pin
 */
export function watchButton({ clock }: Host, configuration: Configuration, give: (order: Order) => boolean): void {
	const pin = pinOf(configuration, "button");
	const ledPin = pinOf(configuration, "led");
	if (pin === undefined) return;
	const contact = input(pin);
	const began = clock.ticks();
	let button = untouched;
	let led: Output | undefined;
	const timer = Timer.repeat(() => {
		const now = clock.ticks() - began;
		const before = button;
		button = looked(button, contact.read() === 0, now);
		if (button.since !== undefined && ledPin !== undefined) led ??= output(ledPin);
		led?.write(lit(button, now) ? 1 : 0);
		if (before.erased === undefined && button.erased !== undefined) give("erase");
		if (button.since === undefined || button.over) {
			// The pin rests as it did before: whether high or low lights it differs from board to board.
			led?.close();
			led = undefined;
		}
		if (!button.over) return;
		contact.close();
		Timer.clear(timer);
	}, pause);
}

/** @returns undefined for none */
function pinOf(configuration: Configuration, key: keyof typeof usual): number | undefined {
	return configuration[key] === "none" ? undefined : number(configuration, key, 0, 48, usual[key]);
}
