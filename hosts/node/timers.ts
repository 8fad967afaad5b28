import type { Timers } from "dynreg/contracts/host";
import type { Time } from "./time.js";

/** @param power aborted when the board loses its power: no sleep ends any more */
export function createTimers(power: AbortSignal, time: Time): Timers {
	return {
		sleep: (duration) =>
			new Promise((resolve) => {
				if (power.aborted) return;
				const cancel = time.after(duration, () => {
					power.removeEventListener("abort", cancel);
					resolve();
				});
				power.addEventListener("abort", cancel);
			}),
	};
}
