import { readConfiguration } from "dynreg/platform/configuration";
import Time from "time";
import type { RawConfiguration } from "../../../modules/contracts/cloud.js";
import type { Input, Output } from "./pin.js";

/** A button pressed as configured: `pressed`, from and to, in milliseconds after power-up. */
export const openInput = (_pin: number): Input => {
	const { pressed }: RawConfiguration = readConfiguration();
	return new PlayedButton(Array.isArray(pressed) ? (pressed as number[]) : []);
};

/** An LED that is traced. */
export const openOutput = (pin: number): Output => new TracedLight(pin);

class PlayedButton implements Input {
	private readonly start = Time.ticks;
	private readonly from: number;
	private readonly to: number;

	constructor([from = 0, to = 0]: readonly number[]) {
		this.from = from;
		this.to = to;
	}

	read(): number {
		// Not by comparing ticks, which wrap around as on a chip.
		const now = Time.delta(this.start, Time.ticks);
		return this.from <= now && now < this.to ? 0 : 1;
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
