import { number } from "dynreg/configuration/configuration";
import { input, output } from "dynreg/controls/pins";
import { type Button, lit, looked, untouched } from "dynreg/local-control/button";
import Timer from "timer";
import type { RawConfiguration } from "../../../modules/contracts/cloud.js";
import type { OrderTaker } from "../../../modules/contracts/event.js";
import type { Input, Output } from "./pin.js";

/** Milliseconds between two looks at the button; longer than its contacts bounce. */
const pause = 100;
/** The boot button of most boards, and the light beside the chip. */
const usual = Object.freeze({ button: 0, led: 2 });

/**
 * Looks at the button from power-up on, until nothing can come of it any more.
 *
 * @throws Failure `bad-configuration`; Error when there is no such pin
 */
export const watchButton = (configuration: RawConfiguration, orders: OrderTaker): void => {
	const pin = pinOf(configuration, "button");
	const led = pinOf(configuration, "led");
	if (pin === undefined) return;
	const watch = new Watch(input(pin), led, orders);
	Timer.repeat((timer) => watch.look() || Timer.clear(timer), pause);
};

/** @returns undefined for none */
const pinOf = (configuration: RawConfiguration, key: keyof typeof usual): number | undefined =>
	configuration[key] === "none" ? undefined : number(configuration, key, 0, 48, usual[key]);

class Watch {
	private readonly contact: Input;
	private readonly ledPin: number | undefined;
	private readonly orders: OrderTaker;
	private looks = 0;
	private button: Button = untouched;
	private led: Output | undefined;

	constructor(contact: Input, ledPin: number | undefined, orders: OrderTaker) {
		this.contact = contact;
		this.ledPin = ledPin;
		this.orders = orders;
	}

	/** @returns whether to look again */
	look(): boolean {
		// Looks are counted instead of a clock being read: while the board is busy, time stands still for the button.
		const now = ++this.looks * pause;
		const before = this.button;
		const button = looked(before, this.contact.read() === 0, now);
		this.button = button;
		this.show(button, now);
		if (before.erased === undefined && button.erased !== undefined) this.orders.give("erase");
		if (button.over) this.contact.close();
		return !button.over;
	}

	private show(button: Button, now: number): void {
		if (button.since === undefined || button.over) {
			// The pin rests as it did before: whether high or low lights it differs from board to board.
			this.led?.close();
			this.led = undefined;
			return;
		}
		if (this.ledPin === undefined) return;
		this.led ??= output(this.ledPin);
		this.led.write(lit(button, now) ? 1 : 0);
	}
}
