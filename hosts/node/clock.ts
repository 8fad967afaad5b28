import { performance } from "node:perf_hooks";
import { Failure } from "dynreg/errors";
import type { Clock, Milliseconds } from "../../modules/contracts/host.js";

/** No image is older than this, so no clock is right that reads less. */
const buildDate = Date.UTC(2026, 0, 1);

/**
 * A clock that reads the computer's until it is set.
 *
 * @param start what it reads at first instead, as after a power-up without a real-time clock
 */
export function createClock(start: Milliseconds | undefined): Clock {
	let offset = start === undefined ? 0 : start - Date.now();

	function now(): Milliseconds | undefined {
		const time = Date.now() + offset;
		return time < buildDate ? undefined : time;
	}

	return {
		now,
		set(time) {
			offset = time - Date.now();
		},
		async sync(_deadline, doubted) {
			if (!doubted && now() !== undefined) return;
			offset = 0;
			if (now() === undefined)
				throw new Failure(
					"clock",
					"clock-unknown",
					"retry",
					"This computer's clock is years behind, so no certificate can be checked. Set its date.",
				);
		},
		ticks: () => performance.now(),
	};
}
