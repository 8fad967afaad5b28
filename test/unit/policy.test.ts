/** The policy, proved: over every state it can reach, and over lives made of chance (a failure prints the seed that repeats it). */

import { strict as assert } from "node:assert";
import { dice } from "@dynreg/cli/internal/fleet/dice";
import test, { type ExecutionContext } from "ava";
import type { Order } from "dynreg/contracts/event";
import { failed, ordered, poweredUp, type Setback, type State } from "dynreg/lifecycle/policy";
import fc from "fast-check";
import {
	type Board,
	canHappen,
	type Event,
	events,
	happens,
	kept,
	key,
	mayRegister,
	newBoard,
} from "./policy-model.js";
import { jump, type Life, live, type Script, scripts } from "./scripted-life.js";

const almostOne = 1 - Number.EPSILON;
const success = events[0] as Event;
const day = 86_400;
const everywhere = [
	...["no-network", "clock-unknown", "storage-failed", "storage-mismatch", "unexpected"],
	...["registering", "stored", "connecting", "online", "connection-lost", "credential-refused"],
	...["http-status", "connect-failed", "bad-timestamp", "certificate-expired", "already-activated"],
];

/** Each state that a board can get into, and each step from one to the next. */
function explore() {
	const found = new Map([[key(newBoard), newBoard]]);
	const steps: { readonly from: Board; readonly event: Event; readonly to: Board }[] = [];
	// The map grows while it is walked through.
	for (const from of found.values()) {
		if (found.size > 50_000) throw new Error("there is no end to the states");
		for (const event of events.filter((each) => canHappen(from, each))) {
			const to = happens(from, event);
			steps.push({ from, event, to });
			if (!found.has(key(to))) found.set(key(to), to);
		}
	}
	return { boards: [...found.values()], steps };
}

const { boards, steps } = explore();
const allFailures = steps.filter(({ event }) => event.setback !== undefined);
/** Of a registration that somebody has asked for while there was a credential. */
const fallingBack = allFailures.filter(({ from }) => from.state.again === "tried");
const failures = allFailures.filter(({ from }) => from.state.again !== "tried");

/** Seconds after which the next attempt comes at the latest, after so many failures in a row; a server's patience comes on top. */
const ceilings = [10, 20, 40, 80, 160, 300, 300, 300, 300];
const ceiling = (row: number, asked: number) => Math.min(300, Math.max(ceilings[row - 1] ?? 300, 5 + asked));

/** Seconds that the server asked for, as far as it is listened to. */
const patience = ({ setback }: Event) => Math.min(setback?.retryAfter ?? 0, day);
const waits = (from: Board, event: Event) =>
	[0, 0.5, almostOne].map((random) => happens(from, event, random).state.wait);
const tell = ({ from, event }: { from: Board; event: Event }) => `${event.name} in ${key(from)}`;

test("the states are all there: every point, every state of the clock, either way, every count of refusals", (t) => {
	t.log(`${boards.length} states, ${steps.length} transitions, ${events.length} kinds of event`);
	t.true(boards.length > 1000);
	t.is(new Set(boards.map(({ point }) => point)).size, 7);
	t.is(new Set(boards.map(({ state }) => `${state.doubted} ${state.asked} ${state.register}`)).size, 8);
	t.deepEqual(
		[...new Set(boards.map(({ tally }) => Math.min(tally.refusals, 10)))].toSorted((a, b) => a - b),
		[...Array(11).keys()],
	);
});

test("invariants 1, 6: in no state does a board register that has a credential which still counts", (t) => {
	const registering = boards.filter(({ point }) => point === "registering");
	t.true(registering.length > 0);
	for (const board of registering) t.true(mayRegister(board), key(board));
});

/** Whether what is in flash may be replaced, by its own account. */
function mayReplace(board: Board): boolean {
	const record = kept(board);
	return record !== undefined && record.refusals >= (record.active ? 10 : 1);
}

test("invariant 6: a credential that may be replaced is tried in turn with registering, any other is tried", (t) => {
	for (const board of boards.filter(({ point }) => point === "timed")) {
		const registers = kept(board) === undefined || board.tally.told || (mayReplace(board) && !board.state.register);
		t.is(happens(board, success).point, registers ? "registering" : "connecting", key(board));
		if (mayReplace(board)) t.true(mayRegister(board), key(board));
	}
});

test("invariant 6: another credential that was asked for and cannot be got leaves the board with the one it has, soon", (t) => {
	t.true(fallingBack.length > 0);
	for (const step of fallingBack) {
		t.deepEqual(kept(step.to), kept(step.from), tell(step));
		const [shortest = 0, , longest = 0] = waits(step.from, step.event);
		const asked = patience(step.event);
		t.deepEqual([shortest, Math.round(longest)], [5 + asked, ceiling(1, asked) + asked], tell(step));
		const next = [success, success, success].reduce((board, event) => happens(board, event), step.to);
		t.is(next.point, "connecting", tell(step));
	}
});

test("invariant 7: nobody at the board makes it try sooner than five seconds after the last try, or later than it would have", (t) => {
	const told = steps.filter(({ event }) => event.order !== undefined);
	t.true(told.length > 0);
	for (const { from, event, to } of told) {
		t.is(to.state.wait, Math.min(from.state.wait, 5), `${event.name} in ${key(from)}`);
		for (const waited of [0, 1000, 4999, 5000, 299_000]) {
			const { wait } = ordered(from.state, event.order as Order, waited);
			t.is(wait, Math.max(0, Math.min(from.state.wait, 5) - waited / 1000));
		}
	}
});

test("invariant 10: what is erased is gone, and the board starts over", (t) => {
	for (const { event, to } of steps.filter(({ event }) => event.order === "erase")) {
		t.is(kept(to), undefined, event.name);
		const next = [success, success, success].reduce((board, each) => happens(board, each), to);
		t.is(next.point, "registering");
	}
});

test("invariant 6: a credential whose refusal makes it replaceable is replaced at the next attempt", (t) => {
	for (const step of steps.filter(({ event }) => event.name === "credential refused")) {
		const next = [success, success, success].reduce((board, event) => happens(board, event), step.to);
		t.is(next.point, mayReplace(step.to) ? "registering" : "connecting", tell(step));
	}
});

test("invariant 7: after any failure in any state there is a next attempt, neither at once nor too late", (t) => {
	for (const step of failures)
		for (const wait of waits(step.from, step.event)) {
			t.true(wait >= 5 + patience(step.event), tell(step));
			t.true(wait <= 300 + patience(step.event), tell(step));
		}
});

test("invariant 7: what only a person can mend is tried at the cap only, unless the clock may yet mend it", (t) => {
	for (const step of failures.filter(({ event }) => event.setback?.action === "stop")) {
		const hope = step.event.setback?.code === "certificate-expired" && !step.from.asked;
		const [shortest = 0, , longest = 0] = waits(step.from, step.event);
		if (hope) t.true(shortest < 270 + patience(step.event), tell(step));
		else t.deepEqual([shortest, Math.round(longest)], [270 + patience(step.event), 300 + patience(step.event)]);
	}
});

test("invariant 7: otherwise the ceiling doubles with each failure in a row, or is the server's patience; a session that lasted starts afresh", (t) => {
	for (const step of failures.filter(({ event }) => event.setback?.action !== "stop")) {
		const row = step.event.name === "dropped" ? 1 : step.from.state.failures + 1;
		const [shortest = 0, , longest = 0] = waits(step.from, step.event);
		t.is(shortest, 5 + patience(step.event), tell(step));
		t.is(Math.round(longest), ceiling(row, patience(step.event)) + patience(step.event), tell(step));
		t.is(step.to.state.failures, row);
	}
});

test("invariant 7: a fleet that is cut off at once comes within its spread, as one that is switched on at once", (t) => {
	const wait = (spread: number, lasted: number, random: number) =>
		Math.round(failed(poweredUp(spread, 0), { code: "connection-lost", action: "retry" }, lasted, random).wait);
	t.deepEqual([wait(120, 60_000, 0), wait(120, 60_000, almostOne)], [5, 125]);
	t.is(wait(3, 60_000, almostOne), 10, "no narrower than otherwise");
	t.is(wait(3600, 60_000, almostOne), 300, "no board is away for longer than five minutes");
	t.is(wait(120, 59_999, almostOne), 10, "a session that did not last is a failed attempt");
	t.is(wait(120, 0, almostOne), 10, "so is none at all");
});

test("the clock is doubted from a failure that it may be to blame for until the time has been asked for", (t) => {
	for (const step of steps) {
		const { from, event, to } = step;
		const blamed = ["bad-timestamp", "certificate-expired"].includes(event.setback?.code ?? "");
		const settled = event.powerCut || (from.point === "networked" && !event.setback);
		t.is(to.state.doubted, blamed || (from.state.doubted && !settled), tell(step));
	}
});

test("invariant 7: from every state, a cloud that is well again has the board online at the next attempt", (t) => {
	for (const start of boards) {
		let board = start;
		let attempts = 0;
		for (; board.point !== "online" && attempts <= 1; board = happens(board, success))
			if (board.point === "waiting") attempts++;
		t.true(attempts <= 1, key(start));
	}
});

test("from every state, a cloud that knows none of the credentials any more has the board online after at most eleven refusals", (t) => {
	const refused = events.find(({ name }) => name === "credential refused") as Event;
	for (const start of boards) {
		let board = start;
		let refusals = 0;
		let registered = false;
		while (board.point !== "online" && refusals <= 11) {
			const refuses = board.point === "connecting" && !registered;
			if (refuses) refusals++;
			if (board.point === "storing") registered = true;
			board = happens(board, refuses ? refused : success);
		}
		t.true(refusals <= 11, key(start));
	}
});

test("invariant 7: the further apart two boards' random bytes, the further apart their attempts, in every state", (t) => {
	for (const step of failures) {
		const [low = 0, middle = 0, high = 0] = waits(step.from, step.event);
		t.true(middle - low >= 2.49 && high - middle >= 2.49, tell(step));
	}
	t.is(poweredUp(3600, 0.25).wait, 900);
});

test("invariant 7: a thousand boards that fail together do not come back together", (t) => {
	for (const { name, setback } of events.filter((each) => each.setback !== undefined)) {
		const chance = dice(1);
		const perSecond = new Map<number, number>();
		for (let board = 0; board < 1000; board++) {
			let state: State = poweredUp(0, 0);
			let at = 0;
			for (let attempt = 0; attempt < 10; attempt++) {
				state = failed(state, setback as Setback, 0, chance());
				at += state.wait;
			}
			perSecond.set(Math.floor(at), (perSecond.get(Math.floor(at)) ?? 0) + 1);
		}
		t.true(Math.max(...perSecond.values()) < 40, name);
	}
});

test("the lives made of chance get everywhere", async (t) => {
	const seen = new Map<string, number>();
	for (const script of fc.sample(scripts, { numRuns: 300, seed: 1 }))
		for (const step of (await live(script)).steps) seen.set(step, (seen.get(step) ?? 0) + 1);
	t.log([...seen].map(([step, times]) => `${step} ${times}`).join(", "));
	for (const step of everywhere) t.true((seen.get(step) ?? 0) >= 50, step);
});

/** What the properties ask of a life. */
interface Look {
	readonly life: Life;
	readonly script: Script;
}

async function holds(t: ExecutionContext, property: (look: Look) => void): Promise<void> {
	await fc.assert(
		fc.asyncProperty(scripts, async (script) => {
			property({ life: await live(script), script });
		}),
		{ numRuns: 300 },
	);
	t.pass();
}

test("the firmware itself, invariant 7: attempts begin five seconds apart at least, and five minutes after a failure at most", (t) =>
	holds(t, ({ life }) => {
		for (const [index, { failure, began, ended }] of life.attempts.entries()) {
			const next = life.attempts[index + 1];
			if (failure === undefined || next === undefined) continue;
			const asked = Math.min(failure.retryAfter ?? 0, day) * 1000;
			assert(next.began - began >= 5000 + asked, `attempts ${index} and the next: ${next.began - began} ms`);
			assert(next.began - ended >= 5000 + asked && next.began - ended <= 300_000 + asked + 1);
		}
	}));

test("the firmware itself, invariant 7: it never gives up: once the cloud is well again, it is online", (t) =>
	holds(t, ({ life, script }) => {
		assert(life.closed, "the application closed the last session");
		assert(life.attempts.length > script.attempts.length);
	}));

test("the firmware itself, invariants 1, 6: it registers only with nothing that still counts, and stores before it connects", (t) =>
	holds(t, ({ life }) => {
		let accepted = false;
		let stored = false;
		let refusals = 0;
		for (const step of life.steps) {
			if (step === "registering") assert(accepted ? refusals >= 10 : !stored || refusals >= 1, life.steps.join(", "));
			if (step === "connecting") assert(stored);
			if (step === "credential-refused") refusals++;
			if (step === "stored") {
				stored = true;
				if (!accepted) refusals = 0;
			}
			if (step === "online") {
				accepted = true;
				refusals = 0;
			}
		}
	}));

test("the firmware itself, invariant 6: a fresh credential that is refused is replaced before anything else is tried", (t) =>
	holds(t, ({ life }) => {
		let fresh = false;
		let refused = false;
		for (const step of life.steps) {
			if (step === "stored") [fresh, refused] = [true, false];
			if (step === "online") fresh = false;
			if (step === "credential-refused") refused = fresh;
			if (step === "connecting") assert(!refused, life.steps.join(", "));
			if (step === "registering") refused = false;
		}
	}));

test("the firmware itself, invariant 7: what only a person can mend is tried at the cap only", (t) =>
	holds(t, ({ life }) => {
		for (const [index, { failure, asked, ended }] of life.attempts.entries()) {
			const next = life.attempts[index + 1];
			if (failure?.action !== "stop" || next === undefined) continue;
			if (failure.code === "certificate-expired" && !asked) continue;
			assert(next.began - ended >= 270_000, failure.code);
		}
	}));

test("the firmware itself: every wait for somebody else has a deadline, and no attempt lasts longer than its deadlines", (t) =>
	holds(t, ({ life }) => {
		for (const deadline of life.deadlines) assert(deadline > 0 && deadline <= 60_000);
		for (const { began, reached, ended } of life.attempts) assert((reached ?? ended) - began <= 170_000);
	}));

test("the firmware itself: a wall clock that jumps by years moves nothing", (t) =>
	fc
		.assert(
			fc.asyncProperty(scripts, fc.array(jump, { minLength: 1 }), async (script, jumps) => {
				const [still, jumping] = [await live({ ...script, jumps: [] }), await live({ ...script, jumps })];
				assert.deepEqual(jumping.attempts, still.attempts);
				assert.deepEqual(jumping.steps, still.steps);
			}),
			{ numRuns: 200 },
		)
		.then(() => t.pass()));

test("the firmware itself, invariant 7: two boards that fail alike come back apart, as far as their random bytes are", (t) =>
	fc
		.assert(
			fc.asyncProperty(
				scripts,
				fc.integer({ min: 0, max: 255 }),
				fc.integer({ min: 0, max: 255 }),
				async (script, a, b) => {
					const [one, other] = [await live({ ...script, chance: [a] }), await live({ ...script, chance: [b] })];
					for (const [index, { retryIn }] of one.attempts.entries()) {
						const another = other.attempts[index]?.retryIn;
						if (retryIn === undefined || another === undefined) continue;
						assert(Math.abs(retryIn - another) >= (4.9 * Math.abs(a - b)) / 256);
					}
				},
			),
			{ numRuns: 200 },
		)
		.then(() => t.pass()));
