import { performance } from "node:perf_hooks";
import type { Timers } from "dynreg/contracts/host";

/** @param power aborted when the board loses its power: no sleep ends any more */
export function createTimers(power: AbortSignal): Timers {
	return {
		sleep(duration) {
			const end = performance.now() + duration;
			return new Promise((resolve) => {
				let timer: NodeJS.Timeout;
				const cut = () => clearTimeout(timer);
				power.addEventListener("abort", cut);
				wait();

				/** Node's timers may fire up to a millisecond early. */
				function wait(): void {
					if (power.aborted) return;
					timer = setTimeout(
						() => {
							if (performance.now() < end) return wait();
							power.removeEventListener("abort", cut);
							resolve();
						},
						Math.ceil(end - performance.now()),
					);
				}
			});
		},
	};
}
