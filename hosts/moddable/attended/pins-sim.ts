import { readConfiguration } from "dynreg/platform/configuration";
import Time from "time";
import type { Input, Output } from "./pin.js";

/** A button that is pressed when the configuration says so: `pressed`, from and to, in milliseconds after power-up. */
export function input(_pin: number): Input {
	const { pressed } = readConfiguration();
	const [from = 0, to = 0] = Array.isArray(pressed) ? (pressed as number[]) : [];
	const began = Time.ticks;
	return {
		read() {
			const now = Time.ticks - began;
			return from <= now && now < to ? 0 : 1;
		},
		close() {},
	};
}

/** A light that is seen in the trace. */
export function output(pin: number): Output {
	let lit: number | undefined;
	return {
		write(value) {
			if (value !== lit) trace(`pin ${pin} is ${value}\n`);
			lit = value;
		},
		close: () => trace(`pin ${pin} rests\n`),
	};
}
