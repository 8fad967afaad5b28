import test from "ava";
import { skippedSleeps, VirtualTime, virtualClock } from "../support/virtual-time.js";

test("what is due in a virtual time comes in its order, and not if it is cancelled", (t) => {
	const time = new VirtualTime();
	const done: string[] = [];
	time.after(20, () => done.push(`last at ${time.now()}`));
	time.after(10, () => done.push(`first at ${time.now()}`));
	time.after(10, () => done.push(`second at ${time.now()}`));
	time.after(15, () => done.push("never"))();
	for (let event = 0; event < 3; event++) time.next();
	t.deepEqual(done, ["first at 10", "second at 10", "last at 20"]);
	t.throws(() => time.next(), { message: /nothing/ });
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
	time.pass(100);
	now += 1;
	t.is(time.now(), 106);
	let done = 0;
	time.after(3, () => done++);
	t.is(done, 1);
});

test("a virtual clock passes with its time, and ticks do not jump when it is set", (t) => {
	const time = new VirtualTime();
	const clock = virtualClock(time, 1000);
	time.pass(5);
	t.deepEqual([clock.now(), clock.ticks()], [1005, 5]);
	clock.set(7000);
	time.pass(1);
	t.deepEqual([clock.now(), clock.ticks()], [7001, 6]);
});

test("a sleep that is skipped lets its time pass, and nobody wakes up without power", async (t) => {
	const time = new VirtualTime();
	const power = new AbortController();
	const timers = skippedSleeps(time, { power: power.signal, during: (duration) => duration > 9 && power.abort() });
	await timers.sleep(9);
	t.is(time.now(), 9);
	let woken = false;
	timers.sleep(10).then(() => {
		woken = true;
	});
	for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
	t.false(woken);
	t.is(time.now(), 19);
});
