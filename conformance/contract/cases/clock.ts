import type { ContractCase } from "./case.js";
import { clockJumps, whileClockJumps } from "./clock-jumps.js";
import { deepFreeze } from "./deep-freeze.js";
import { expectEqual, expectTrue, sleep } from "./expect.js";

/** After any build date, not when the test runs, and within 32 bits of seconds. */
const future = Date.UTC(2030, 0, 1);

export const clock: readonly ContractCase[] = deepFreeze([
	{
		name: "clock: sync makes the time known",
		async run({ clock }) {
			await clock.sync(10000);
			const now = clock.now();
			expectTrue(now !== undefined && now > Date.UTC(2026, 0, 1), `the time is later than 2026 (${now})`);
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
				expectTrue(Math.abs(read - future) < 2000, `now reads what was set (off by ${read - future} ms)`);
				await sleep(timers, 1200);
				const later = clock.now() ?? 0;
				expectTrue(later - read >= 900 && later - read < 3000, `1.2 s later it is 1.2 s later (${later - read} ms)`);
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
				expectEqual(clock.now(), undefined, "now in the year 2000");
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
				expectTrue(second >= first && second - first < 1000, `ticks go on over a jump ahead (${second - first} ms)`);
				clock.set(before);
				const third = clock.ticks();
				expectTrue(third >= second && third - second < 1000, `ticks go on over a jump back (${third - second} ms)`);
			} finally {
				clock.set(before + (clock.ticks() - first));
			}
		},
	},
	{
		name: "clock: a suspect time is synced again and stays without a response",
		async run({ clock }) {
			const started = clock.ticks();
			const before = clock.now();
			// Rejected where no time server can be reached.
			await clock.sync(2000, true).catch(() => {});
			const took = clock.ticks() - started;
			const after = clock.now();
			expectTrue(took < 3000, `it settles within its deadline (took ${took} ms)`);
			expectTrue(
				before !== undefined && after !== undefined && Math.abs(after - before - took) < 2000,
				`the time is still known (${before}, then ${after})`,
			);
		},
	},
	{
		name: "timers: a sleep lasts its time while the clock jumps by years",
		async run(host) {
			for (const years of clockJumps) {
				const started = host.clock.ticks();
				await whileClockJumps(host, years, () => sleep(host.timers, 400));
				const took = host.clock.ticks() - started;
				expectTrue(took >= 399 && took < 1500, `400 ms take 400 ms over ${years} years (took ${took} ms)`);
			}
		},
	},
	{
		name: "timers: sleep lasts its time, and sleeps run side by side",
		async run({ clock, timers }) {
			const started = clock.ticks();
			const order: string[] = [];
			const sleeps = [
				sleep(timers, 200).then(() => order.push("200")),
				sleep(timers, 50).then(() => order.push("50")),
				sleep(timers, 0).then(() => order.push("0")),
			];
			await Promise.all(sleeps);
			const took = clock.ticks() - started;
			expectEqual(order.join(" "), "0 50 200", "order");
			expectTrue(took >= 199 && took < 1500, `200 ms take 200 ms (took ${took} ms)`);
		},
	},
	{
		name: "timers: one fires once, and not if cancelled, even by another that fires at the same time",
		async run({ timers }) {
			const fired: string[] = [];
			timers.after(100_000, () => fired.push("long"))();
			timers.after(0, () => fired.push("at once"))();
			const cancel = timers.after(250, () => fired.push("cancelled later"));
			const cancelBoth = () => {
				fired.push("one of two");
				cancelOne();
				cancelOther();
			};
			const cancelOne = timers.after(20, cancelBoth);
			const cancelOther = timers.after(20, cancelBoth);
			await sleep(timers, 30);
			cancel();
			cancel();
			await sleep(timers, 300);
			cancelOne();
			// It is harmless to the next timer, too.
			let again = 0;
			timers.after(10, () => again++);
			cancelOne();
			cancelOther();
			await sleep(timers, 50);
			expectEqual(fired.join(" "), "one of two", "fired");
			expectEqual(again, 1, "times that the next timer fired");
		},
	},
]);
