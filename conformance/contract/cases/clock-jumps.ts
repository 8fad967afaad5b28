import type { Host } from "dynreg/contracts/host";
import { deepFreeze } from "./deep-freeze.js";
import { sleep } from "./expect.js";

/** Years by which clocks are off: one that was never set, and one set to nonsense. */
export const clockJumps: readonly number[] = deepFreeze([73, -56]);

/** Does the work while the clock jumps by so many years, and then goes on from before. */
export async function whileClockJumps(host: Host, years: number, work: () => Promise<unknown>): Promise<void> {
	const { clock, timers } = host;
	const before = clock.now() ?? Date.UTC(2026, 6, 1);
	const ticks = clock.ticks();
	const working = work();
	try {
		await sleep(timers, 100);
		clock.set(before + years * 365.25 * 24 * 60 * 60 * 1000);
		await working;
	} finally {
		clock.set(before + (clock.ticks() - ticks));
	}
}
