import { number } from "dynreg/configuration/readers";
import { openInput, openOutput } from "dynreg/controls/pins";
import { type Button, initialButton, ledOn, sample } from "dynreg/local-control/button-state";
import Timer from "timer";
import type { RawConfiguration } from "../../../modules/contracts/cloud.js";
import type { CommandSink } from "../../../modules/contracts/event.js";
import type { SetupControl } from "../../../modules/contracts/setup.js";
import type { Input, Output } from "./pin.js";

/** Sampling interval in milliseconds; longer than the contacts bounce. */
const interval = 100;
/** The boot button and the LED of most boards. */
const defaultPins = Object.freeze({ button: 0, led: 2 });

/**
 * Samples the button from power-up until an erase is not possible any more.
 *
 * @param setup opens after a press that is too short for an erase
 * @throws Failure `bad-configuration`; Error if there is no such pin
 */
export const watchButton = (
	configuration: RawConfiguration,
	commands: CommandSink,
	setup: SetupControl | undefined,
): void => {
	const pin = pinOf(configuration, "button");
	const led = pinOf(configuration, "led");
	if (pin === undefined) return;
	const watch = new ButtonWatch(openInput(pin), led, commands, setup);
	Timer.repeat((timer) => watch.poll() || Timer.clear(timer), interval);
};

/** @returns undefined for none */
const pinOf = (configuration: RawConfiguration, key: keyof typeof defaultPins): number | undefined =>
	configuration[key] === "none" ? undefined : number(configuration, key, 0, 48, defaultPins[key]);

class ButtonWatch {
	private readonly contact: Input;
	private readonly ledPin: number | undefined;
	private readonly commands: CommandSink;
	private readonly setup: SetupControl | undefined;
	private polls = 0;
	private button: Button = initialButton;
	private led: Output | undefined;

	constructor(contact: Input, ledPin: number | undefined, commands: CommandSink, setup: SetupControl | undefined) {
		this.contact = contact;
		this.ledPin = ledPin;
		this.commands = commands;
		this.setup = setup;
	}

	/** @returns whether to sample again */
	poll(): boolean {
		// Count samples instead of reading a clock, so that time stands still while the board is busy.
		const now = ++this.polls * interval;
		const before = this.button;
		const button = sample(before, this.contact.read() === 0, now);
		this.button = button;
		this.show(button, now);
		if (before.erasedAt === undefined && button.erasedAt !== undefined) this.commands.post("erase");
		if (before.pressedSince !== undefined && button.pressedSince === undefined) this.setup?.open(this.commands);
		if (button.done) this.contact.close();
		return !button.done;
	}

	private show(button: Button, now: number): void {
		if (button.pressedSince === undefined || button.done) {
			// Release the pin, since its idle level differs between boards.
			this.led?.close();
			this.led = undefined;
			return;
		}
		if (this.ledPin === undefined) return;
		this.led ??= openOutput(this.ledPin);
		this.led.write(ledOn(button, now) ? 1 : 0);
	}
}
