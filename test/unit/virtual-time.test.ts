import { sleep } from "@dynreg/conformance/internal/contract/cases/expect";
import test from "ava";
import { countedTimers, skippedSleeps, VirtualTime, virtualClock } from "../support/virtual-time.js";

test("timers in a virtual time fire in their order, and not if cancelled", (t) => {
	const time = new VirtualTime();
	const done: string[] = [];
	time.after(20, () => done.push(`last at ${time.now()}`));
	time.after(10, () => done.push(`first at ${time.now()}`));
	time.after(10, () => done.push(`second at ${time.now()}`));
	time.after(15, () => done.push("never"))();
	for (let event = 0; event < 3; event++) time.runNext();
	t.deepEqual(done, ["first at 10", "second at 10", "last at 20"]);
	t.throws(() => time.runNext(), { message: /nothing/ });
});

test("a virtual time on top of another passes with it, and keeps its deadlines", (t) => {
	let now = 5;
	const time = new VirtualTime({
		now: () => now,
		after(delay, action) {
			t.is(delay, 3);
			action();
			return () => {};
		},
	});
	time.advance(100);
	now += 1;
	t.is(time.now(), 106);
	let done = 0;
	time.after(3, () => done++);
	t.is(done, 1);
});

test("a virtual clock passes with its time, and ticks do not jump when it is set", (t) => {
	const time = new VirtualTime();
	const clock = virtualClock(time, 1000);
	time.advance(5);
	t.deepEqual([clock.now(), clock.ticks()], [1005, 5]);
	clock.set(7000);
	time.advance(1);
	t.deepEqual([clock.now(), clock.ticks()], [7001, 6]);
});

test("a skipped timer advances time; cancelled or without power it never fires", async (t) => {
	const time = new VirtualTime();
	const power = new AbortController();
	const timers = skippedSleeps(time, { power: power.signal, onSleep: (duration) => duration > 9 && power.abort() });
	await sleep(timers, 9);
	t.is(time.now(), 9);
	const counted = countedTimers(timers);
	let fired = 0;
	counted.timers.after(1, () => fired++);
	counted.timers.after(2, () => fired++)();
	t.is(counted.left(), 1);
	const turns = async () => {
		for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
	};
	await turns();
	t.is(fired, 1);
	t.is(counted.left(), 0);
	counted.timers.after(10, () => fired++);
	await turns();
	t.is(fired, 1);
	t.is(counted.left(), 1);
	t.is(time.now(), 22);
});
