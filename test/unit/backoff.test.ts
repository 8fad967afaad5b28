import test from "ava";
import { backoff, fraction, maxDelay, minDelay } from "dynreg/lifecycle/policy";

const retry = { action: "retry" } as const;
const almostOne = 1 - Number.EPSILON;

test("invariant 7: no two attempts come closer than five seconds", (t) => {
	for (let attempt = 1; attempt < 2000; attempt += 7) t.true(backoff(attempt, 0, retry) >= minDelay);
	t.is(minDelay, 5);
});

test("invariant 7: the ceiling doubles with each attempt, up to five minutes", (t) => {
	t.deepEqual(
		[1, 2, 3, 4, 5, 6, 7, 100, 1e9].map((attempt) => Math.round(backoff(attempt, almostOne, retry))),
		[10, 20, 40, 80, 160, 300, 300, 300, 300],
	);
	t.is(maxDelay, 300);
});

test("invariant 7: the delay is spread evenly from the floor to the ceiling", (t) => {
	t.is(backoff(3, 0, retry), 5);
	t.is(backoff(3, 0.5, retry), 22.5);
});

test("needs-attention failures retry only at the longest delay, with jitter", (t) => {
	t.is(backoff(1, 0, { action: "needs-attention" }), 270);
	t.is(Math.round(backoff(1, almostOne, { action: "needs-attention" })), 300);
});

test("Retry-After is a minimum with jitter at least as wide as itself", (t) => {
	t.is(backoff(1, 0, { action: "wait", retryAfter: 120 }), 125);
	t.is(Math.round(backoff(1, almostOne, { action: "wait", retryAfter: 120 })), 245);
	t.is(Math.round(backoff(5, almostOne, { action: "wait", retryAfter: 120 })), 280);
	t.is(Math.round(backoff(1, almostOne, { action: "wait", retryAfter: 1000 })), 1300);
	t.is(backoff(1, 0, { action: "wait", retryAfter: undefined }), 5);
});

test("the jitter is as wide as the spread, if that is wider, up to the longest delay", (t) => {
	t.is(backoff(1, 0, { action: "retry", jitter: 60 }), 5);
	t.is(backoff(1, 0.5, { action: "retry", jitter: 60 }), 35);
	t.is(Math.round(backoff(1, almostOne, { action: "retry", jitter: 3 })), 10);
	t.is(Math.round(backoff(1, almostOne, { action: "retry", jitter: 3600 })), 300);
});

test("Retry-After counts for what only a person can fix, too", (t) => {
	t.is(backoff(1, 0, { action: "needs-attention", retryAfter: 3600 }), 3870);
});

test("a server cannot silence a board for longer than a day", (t) => {
	t.is(backoff(1, 0, { action: "wait", retryAfter: 1e12 }), 86_405);
});

test("random bytes become a fraction from 0 up to but not including 1", (t) => {
	t.is(fraction(Uint8Array.of(0, 0, 0, 0)), 0);
	t.is(fraction(Uint8Array.of(0x80, 0, 0, 0)), 0.5);
	t.true(fraction(Uint8Array.of(255, 255, 255, 255)) < 1);
	t.is(fraction(new Uint8Array([9, 0x40, 0, 0, 0]).subarray(1)), 0.25);
});
