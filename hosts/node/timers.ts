import type { Timers } from "dynreg/contracts/host";
import type { TimeSource } from "./time-source.js";

/** @param power aborted when the power is cut: no timer fires any more */
export function createTimers(power: AbortSignal, time: TimeSource): Timers {
	return {
		after(duration, action) {
			if (power.aborted) return () => {};
			const stop = time.after(duration, () => {
				power.removeEventListener("abort", cancel);
				action();
			});
			const cancel = () => {
				power.removeEventListener("abort", cancel);
				stop();
			};
			power.addEventListener("abort", cancel);
			return cancel;
		},
	};
}
