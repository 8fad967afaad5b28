import type { Case } from "./case.js";
import { equal, holds } from "./expect.js";
import { frozen } from "./frozen.js";
import { jumping, jumps } from "./jumping.js";

/** After any build date, not when the test runs, and within 32 bits of seconds. */
const future = Date.UTC(2030, 0, 1);

export const clock: readonly Case[] = frozen([
	{
		name: "clock: sync makes the time known",
		async run({ clock }) {
			await clock.sync(10000);
			const now = clock.now();
			holds(now !== undefined && now > Date.UTC(2026, 0, 1), `the time is later than 2026 (${now})`);
		},
	},
	{
		name: "clock: set corrects what now reads, and the corrected clock runs on",
		async run({ clock, timers }) {
			const before = clock.now() ?? Date.UTC(2026, 6, 1);
			const ticks = clock.ticks();
			try {
				clock.set(future);
				const read = clock.now() ?? 0;
				holds(Math.abs(read - future) < 2000, `now reads what was set (off by ${read - future} ms)`);
				await timers.sleep(1200);
				const later = clock.now() ?? 0;
				holds(later - read >= 900 && later - read < 3000, `1.2 s later it is 1.2 s later (${later - read} ms)`);
			} finally {
				clock.set(before + (clock.ticks() - ticks));
			}
		},
	},
	{
		name: "clock: a time before the build date is unknown",
		async run({ clock }) {
			const before = clock.now() ?? Date.UTC(2026, 6, 1);
			const ticks = clock.ticks();
			try {
				clock.set(Date.UTC(2000, 0, 1));
				equal(clock.now(), undefined, "now in the year 2000");
			} finally {
				clock.set(before + (clock.ticks() - ticks));
			}
		},
	},
	{
		name: "clock: ticks do not jump with the clock",
		async run({ clock }) {
			const before = clock.now() ?? Date.UTC(2026, 6, 1);
			const first = clock.ticks();
			try {
				clock.set(future);
				const second = clock.ticks();
				holds(second >= first && second - first < 1000, `ticks go on over a jump ahead (${second - first} ms)`);
				clock.set(before);
				const third = clock.ticks();
				holds(third >= second && third - second < 1000, `ticks go on over a jump back (${third - second} ms)`);
			} finally {
				clock.set(before + (clock.ticks() - first));
			}
		},
	},
	{
		name: "clock: a time that is doubted is asked for again, and stands if nobody answers",
		async run({ clock }) {
			const started = clock.ticks();
			const before = clock.now();
			await clock.sync(2000, true);
			const took = clock.ticks() - started;
			const after = clock.now();
			holds(took < 3000, `it settles within its deadline (took ${took} ms)`);
			holds(
				before !== undefined && after !== undefined && Math.abs(after - before - took) < 2000,
				`the time is still known (${before}, then ${after})`,
			);
		},
	},
	{
		name: "timers: a sleep lasts its time while the clock jumps by years",
		async run(host) {
			for (const years of jumps) {
				const started = host.clock.ticks();
				await jumping(host, years, () => host.timers.sleep(400));
				const took = host.clock.ticks() - started;
				holds(took >= 399 && took < 1500, `400 ms take 400 ms over ${years} years (took ${took} ms)`);
			}
		},
	},
	{
		name: "timers: sleep lasts its time, and sleeps run side by side",
		async run({ clock, timers }) {
			const started = clock.ticks();
			const order: string[] = [];
			const sleeps = [
				timers.sleep(200).then(() => order.push("200")),
				timers.sleep(50).then(() => order.push("50")),
				timers.sleep(0).then(() => order.push("0")),
			];
			await Promise.all(sleeps);
			const took = clock.ticks() - started;
			equal(order.join(" "), "0 50 200", "order");
			holds(took >= 199 && took < 1500, `200 ms take 200 ms (took ${took} ms)`);
		},
	},
]);
