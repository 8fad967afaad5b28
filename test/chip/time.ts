/**
 * `time` as it behaves on a chip: SDK modules/base/time/esp/modTime.c (8.2.3), with `modSetTime` of
 * build/devices/esp32/xsHost.c and xs/platforms/esp/xsHost.c. At power-up it is 1970, whatever it was before, and
 * `Date.now` reads what `set` has set. `ticks` and `delta` have 32 bits and a sign.
 */

import { type Chip, chip } from "dynreg-test/chip/chip";
import SimulatorTime from "simulator/time";

/** Milliseconds that the chip has been on when the program begins: `ticks` turns negative a minute later. */
const uptime = 2 ** 31 - 60_000;

/** At run time and not when the image is built, where this is preloaded. */
const powerUp = (): Chip => {
	const state = chip();
	if (state.clock === undefined) {
		const Computers = Date;
		state.clock = -Computers.now();
		const now = () => Computers.now() + (state.clock ?? 0);
		// The engine's own is in flash, and cannot be changed; nor does a class that extends it make dates.
		function Chips(...given: readonly number[]): Date {
			return new Computers(given[0] ?? now());
		}
		Object.assign(Chips, { now, UTC: Computers.UTC, parse: Computers.parse });
		globalThis.Date = Chips as unknown as DateConstructor;
	}
	return state;
};

const delta = (start: number, end: number): number => (end - start) | 0;

const ticks = (): number => {
	powerUp();
	return delta(-uptime, SimulatorTime.ticks);
};

export default Object.freeze({
	set(seconds: number): void {
		const state = powerUp();
		state.clock = (state.clock ?? 0) + (seconds >>> 0) * 1000 - Date.now();
	},

	get timezone(): number {
		return SimulatorTime.timezone;
	},

	set timezone(seconds: number) {
		SimulatorTime.timezone = seconds;
	},

	get dst(): number {
		return SimulatorTime.dst;
	},

	set dst(seconds: number) {
		SimulatorTime.dst = seconds;
	},

	/** `xs_time_ticks` */
	get ticks(): number {
		return ticks();
	},

	/** `xs_time_delta` */
	delta(start: number, end = ticks()): number {
		return delta(start, end);
	},
});
