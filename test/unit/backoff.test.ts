import test from "ava";
import { backoff, fraction, maxDelay, minDelay } from "dynreg/lifecycle/policy";

const retry = { action: "retry" } as const;
const almostOne = 1 - Number.EPSILON;
const day = 86_400;
type Options = Parameters<typeof backoff>[2];

/** The earliest and the latest delay. */
const windowOf = (failures: number, options: Options = retry) =>
	[0, almostOne].map((random) => Math.round(backoff(failures, random, options) * 1000) / 1000) as [number, number];
const widthOf = (failures: number, options: Options = retry) => {
	const [earliest, latest] = windowOf(failures, options);
	return latest - earliest;
};
const many = [0, 1, 2, 3, 4, 5, 6, 7, 100, 1e9];

test("invariant 7: no two attempts come closer than five seconds", (t) => {
	t.is(minDelay, 5);
	for (const failures of many)
		for (const retryAfter of [undefined, 0, 1, 4.9])
			t.true(backoff(failures, 0, { action: "wait", retryAfter }) >= minDelay);
});

test("invariant 7: without Retry-After no delay exceeds five minutes", (t) => {
	t.is(maxDelay, 300);
	for (const failures of many)
		for (const action of ["retry", "wait", "needs-attention"] as const)
			t.true(backoff(failures, almostOne, { action, jitter: 3600 * Number(failures === 0) }) <= maxDelay);
});

test("invariant 7: a lost session is followed by the shortest window, and the first failures widen it by factors", (t) => {
	const [lost, first, second] = [0, 1, 2].map((failures) => windowOf(failures)[1]) as [number, number, number];
	t.true(lost <= 2 * minDelay);
	t.true(first >= 3 * lost && second >= 3 * first, `${lost}, ${first}, ${second}`);
});

test("invariant 7: later failures share one window, the longest on average and less than half of the maximum", (t) => {
	const mean = (failures: number) => backoff(failures, 0.5, retry);
	for (const failures of many.slice(4)) t.deepEqual(windowOf(failures), windowOf(3));
	t.true(mean(0) < mean(1) && mean(1) < mean(2) && mean(2) < mean(3));
	t.true(windowOf(3)[1] < maxDelay / 2, "a fleet is back this soon after an outage of any length");
});

test("invariant 7: the delay is spread evenly, over two fifths of the longest delay at least", (t) => {
	for (const failures of many) {
		const [earliest, latest] = windowOf(failures);
		t.is(backoff(failures, 0.5, retry), (earliest + latest) / 2);
		t.true(latest - earliest >= 0.4 * latest, `${earliest} to ${latest}`);
	}
});

test("needs-attention failures retry only at the longest delay, with jitter", (t) => {
	for (const failures of many)
		t.deepEqual(windowOf(failures, { action: "needs-attention", jitter: 60 }), [0.9 * maxDelay, maxDelay]);
});

test("Retry-After is a minimum with jitter at least as wide as itself", (t) => {
	for (const action of ["wait", "needs-attention"] as const)
		for (const failures of many)
			for (const retryAfter of [1, 10, 60, 120, 295]) {
				const [earliest] = windowOf(failures, { action, retryAfter });
				t.is(earliest, Math.max(retryAfter, windowOf(failures, { action })[0]));
				t.true(widthOf(failures, { action, retryAfter }) >= retryAfter);
			}
	t.deepEqual(windowOf(1, { action: "wait", retryAfter: undefined }), windowOf(1));
});

test("Retry-After does not narrow the window, and widens it by five minutes at most", (t) => {
	for (const failures of many) {
		t.true(windowOf(failures, { action: "wait", retryAfter: 20 })[1] >= windowOf(failures)[1]);
		t.is(widthOf(failures, { action: "wait", retryAfter: 3600 }), maxDelay - minDelay);
	}
});

test("the jitter is as wide as the spread, if that is wider, up to the longest delay", (t) => {
	t.is(backoff(0, 0, { action: "retry", jitter: 60 }), minDelay);
	t.is(backoff(0, 0.5, { action: "retry", jitter: 60 }), minDelay + 30);
	t.deepEqual(windowOf(0, { action: "retry", jitter: 3 }), windowOf(0));
	t.deepEqual(windowOf(0, { action: "retry", jitter: 3600 }), [minDelay, maxDelay]);
});

test("a server cannot silence a board for longer than a day", (t) => {
	for (const action of ["wait", "needs-attention"] as const) t.is(backoff(1, 0, { action, retryAfter: 1e12 }), day);
});

test("random bytes become a fraction from 0 up to but not including 1", (t) => {
	t.is(fraction(Uint8Array.of(0, 0, 0, 0)), 0);
	t.is(fraction(Uint8Array.of(0x80, 0, 0, 0)), 0.5);
	t.true(fraction(Uint8Array.of(255, 255, 255, 255)) < 1);
	t.is(fraction(new Uint8Array([9, 0x40, 0, 0, 0]).subarray(1)), 0.25);
});
