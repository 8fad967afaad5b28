/** The Moddable host's clock and timers, compiled as they are, over years of the SDK's 32-bit arithmetic. */

import { fileURLToPath } from "node:url";
import { realTime } from "@dynreg/node/internal/time-source";
import test from "ava";
import type { Clock, Timers } from "dynreg/contracts/host";
import { build, type Plugin } from "esbuild";

const day = 86_400_000;
const wrap = 2 ** 32;

interface Pending {
	readonly at: number;
	readonly interval: number;
	readonly action: () => void;
}

/**
 * A chip's time: SDK 8.2.3, `modMilliseconds` as a 32-bit number with a sign (modules/base/time/esp/modTime.c), timers
 * whose delays are 32-bit numbers with a sign, negative ones due at once (modules/base/timer/mc/timer.c).
 */
class ChipTime {
	now: number;
	pending: Pending[] = [];
	/** The delays that timers were set with. */
	readonly delays: number[] = [];
	/** In the simulator: a number of any size, which is the computer's time and can be set back. */
	readonly #isSimulator: boolean;

	constructor(now: number, isSimulator = false) {
		this.now = now;
		this.#isSimulator = isSimulator;
	}

	get ticks(): number {
		return this.#isSimulator ? this.now : this.now | 0;
	}

	delta(from: number, to = this.ticks): number {
		return this.#isSimulator ? to - from : (to - from) | 0;
	}

	set(): void {}

	timer(action: () => void, delay = 0, interval = 0): Pending {
		this.delays.push(delay);
		const pending = { at: this.now + Math.max(delay | 0, 0), interval, action };
		this.pending.push(pending);
		return pending;
	}

	clear(pending: Pending): void {
		this.pending = this.pending.filter((each) => each !== pending);
	}

	/** Lets this much time pass, with or without timers. */
	async pass(duration: number, timers = true): Promise<void> {
		const end = this.now + duration;
		for (;;) {
			const next = this.pending.filter(({ at }) => timers && at <= end).toSorted((a, b) => a.at - b.at)[0];
			if (next === undefined) break;
			this.pending = this.pending.filter((each) => each !== next);
			if (next.interval) this.pending.push({ ...next, at: next.at + next.interval });
			this.now = next.at;
			next.action();
			await Promise.resolve();
		}
		this.now = end;
	}
}

/** What a bundle of the host finds in the SDK's place. */
const sdk: Record<string, string> = {
	time: "export default globalThis.chip;",
	timer: `export default {
		set: (action, delay) => globalThis.chip.timer(action, delay),
		repeat: (action, delay) => globalThis.chip.timer(action, delay, delay),
		clear: (pending) => globalThis.chip.clear(pending),
	};`,
	socket: "export class Socket {}",
	"dynreg/platform/configuration": "export const readConfiguration = () => ({});",
	"dynreg/platform/system":
		"export const clockAtPowerUp = () => undefined; export const random = () => new Uint8Array(8);",
	"../net/endpoint.js": "export const resolve = () => Promise.resolve(undefined);",
};

const inPlaceOfTheSdk: Plugin = {
	name: "sdk",
	setup({ onResolve, onLoad }) {
		onResolve({ filter: /./ }, ({ path }) => (path in sdk ? { path, namespace: "sdk" } : undefined));
		onLoad({ filter: /./, namespace: "sdk" }, ({ path }) => ({ contents: sdk[path] as string }));
	},
};

interface HostModule {
	readonly SystemClock: new () => Clock;
	readonly timers: Timers;
}

const script = build({
	entryPoints: [fileURLToPath(new URL("../../../hosts/moddable/device/clock.ts", import.meta.url))],
	bundle: true,
	write: false,
	format: "iife",
	globalName: "host",
	platform: "neutral",
	plugins: [inPlaceOfTheSdk],
	tsconfigRaw: {},
	logLevel: "silent",
}).then(({ outputFiles }) => outputFiles[0]?.text as string);

/** The host's module on such a chip; each call loads it anew. */
async function hostOn(chip: ChipTime): Promise<HostModule> {
	Object.assign(globalThis, { chip, native: () => () => "Jul 01 2026" });
	return new Function(`${await script}; return host;`)() as HostModule;
}

test.serial("ticks never jump over years, however often they are asked for", async (t) => {
	for (const interval of [1, 999, day, 24.8 * day, 24.9 * day, 40 * day, 46.6 * day]) {
		const chip = new ChipTime(wrap / 2 - 5);
		const { SystemClock } = await hostOn(chip);
		const clock = new SystemClock();
		const steps = Math.min(500, Math.ceil((12 * 365 * day) / interval));
		for (let step = 1; step <= steps; step++) {
			// Without timers: nothing else asks.
			await chip.pass(Math.floor(interval), false);
			t.is(clock.ticks(), step * Math.floor(interval), `after ${step} intervals of ${interval} ms`);
		}
	}
});

test.serial("a session of years in which nobody asks for ticks has its length", async (t) => {
	for (const days of [24, 25, 49, 50, 51, 99, 365, 20 * 365]) {
		const chip = new ChipTime(wrap - 1000);
		const { SystemClock } = await hostOn(chip);
		const clock = new SystemClock();
		await chip.pass(days * day);
		t.is(clock.ticks(), days * day, `${days} days`);
		t.is(chip.pending.length, 1, "one timer");
	}
});

test.serial(
	"in the simulator a computer's clock that is set back stops ticks, and moves them no other way",
	async (t) => {
		const chip = new ChipTime(Date.UTC(2026, 6, 1), true);
		const { SystemClock } = await hostOn(chip);
		const clock = new SystemClock();
		await chip.pass(1000, false);
		for (const back of [1, 3_600_000, 3 * day]) {
			const before = clock.ticks();
			await chip.pass(-back, false);
			t.is(clock.ticks(), before);
			await chip.pass(70, false);
			t.is(clock.ticks(), before + 70);
		}
	},
);

test.serial("a timer of any length fires in time, and none of the SDK's is set for longer than it takes", async (t) => {
	for (const duration of [0, 5, day - 1, day, day + 1, 24.8 * day, 24.9 * day, 49.8 * day, 400 * day]) {
		const chip = new ChipTime(wrap - 1000);
		const { timers } = await hostOn(chip);
		let done = false;
		const cancel = timers.after(duration, () => {
			done = true;
		});
		if (duration > 0) await chip.pass(Math.ceil(duration) - 1);
		t.false(done, `not before ${duration} ms`);
		await chip.pass(1);
		t.true(done, `after ${duration} ms`);
		cancel();
		for (const delay of chip.delays) t.true(delay < wrap / 2, `${delay}`);
	}
});

test.serial("a timer is cancelled in any of its steps, and nothing is left", async (t) => {
	for (const passed of [0, 1, day - 1, day, 2.5 * day, 25 * day]) {
		const chip = new ChipTime(wrap - 1000);
		const { timers } = await hostOn(chip);
		const cancel = timers.after(30 * day, () => t.fail(`after ${passed} ms`));
		await chip.pass(passed);
		t.is(chip.pending.length, 1);
		cancel();
		cancel();
		t.is(chip.pending.length, 0);
		await chip.pass(60 * day);
	}
});

test.serial("on a computer a timer of months neither fires at once nor keeps it busy", async (t) => {
	const warnings: string[] = [];
	const warned = ({ name }: Error) => warnings.push(name);
	process.on("warning", warned);
	let fired = false;
	const cancel = realTime.after(60 * day, () => {
		fired = true;
	});
	await new Promise((resolve) => setTimeout(resolve, 50));
	cancel();
	process.off("warning", warned);
	t.false(fired);
	t.deepEqual(warnings, []);
});
