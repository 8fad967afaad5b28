import { readConfiguration } from "dynreg/platform/configuration";
import Time from "time";
import type { RawConfiguration } from "../../../modules/contracts/cloud.js";
import type { Input, Output } from "./pin.js";

/** A button that is pressed when the configuration says so: `pressed`, from and to, in milliseconds after power-up. */
export const input = (_pin: number): Input => {
	const { pressed }: RawConfiguration = readConfiguration();
	return new PlayedButton(Array.isArray(pressed) ? (pressed as number[]) : []);
};

/** A light that is seen in the trace. */
export const output = (pin: number): Output => new TracedLight(pin);

class PlayedButton implements Input {
	private readonly from: number;
	private readonly to: number;

	constructor([from = 0, to = 0]: readonly number[]) {
		this.from = Time.ticks + from;
		this.to = Time.ticks + to;
	}

	read(): number {
		return this.from <= Time.ticks && Time.ticks < this.to ? 0 : 1;
	}

	close(): void {}
}

class TracedLight implements Output {
	private readonly pin: number;
	private value: number | undefined;

	constructor(pin: number) {
		this.pin = pin;
	}

	write(value: 0 | 1): void {
		if (value !== this.value) trace(`pin ${this.pin} is ${value}\n`);
		this.value = value;
	}

	close(): void {
		trace(`pin ${this.pin} rests\n`);
	}
}
