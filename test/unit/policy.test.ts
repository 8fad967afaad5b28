/** The policy, proved: over every state it can reach, and over lives made of chance (a failure prints the seed that repeats it). */

import { strict as assert } from "node:assert";
import { seededRandom } from "@dynreg/cli/internal/fleet/seeded-random";
import test, { type ExecutionContext } from "ava";
import type { Command } from "dynreg/contracts/event";
import { type FailureInfo, initialState, next, type State } from "dynreg/lifecycle/policy";
import fc from "fast-check";
import {
	applyEvent,
	credentialStatus,
	type Event,
	events,
	isPossible,
	type ModelBoard,
	mayRegister,
	newModelBoard,
	stateKey,
	untilRegistration,
} from "./policy-model.js";
import { arbitraryScripts, clockJump, runScript, type Script, type ScriptedRun } from "./scripted-run.js";

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
	const found = new Map([[stateKey(newModelBoard), newModelBoard]]);
	const steps: { readonly from: ModelBoard; readonly event: Event; readonly to: ModelBoard }[] = [];
	// The map grows while it is walked through.
	for (const from of found.values()) {
		if (found.size > 50_000) throw new Error("there is no end to the states");
		for (const event of events.filter((each) => isPossible(from, each))) {
			const to = applyEvent(from, event);
			steps.push({ from, event, to });
			if (!found.has(stateKey(to))) found.set(stateKey(to), to);
		}
	}
	return { boards: [...found.values()], steps };
}

const { boards, steps } = explore();
const allFailures = steps.filter(({ event }) => event.failure !== undefined);
/** Of a registration requested by command while there was a credential. */
const fallingBack = allFailures.filter(({ from }) => from.state.reregister === "tried");
const failures = allFailures.filter(({ from }) => from.state.reregister !== "tried");

/** Seconds after which the next attempt comes at the latest, after so many failures in a row; a server's patience comes on top. */
const ceilings = [10, 20, 40, 80, 160, 300, 300, 300, 300];
const ceiling = (row: number, asked: number) => Math.min(300, Math.max(ceilings[row - 1] ?? 300, 5 + asked));

/** Seconds that the server asked for, as far as it is listened to. */
const patience = ({ failure }: Event) => Math.min(failure?.retryAfter ?? 0, day);
const waits = (from: ModelBoard, event: Event) =>
	[0, 0.5, almostOne].map((random) => applyEvent(from, event, random).state.delay);
const tell = ({ from, event }: { from: ModelBoard; event: Event }) => `${event.name} in ${stateKey(from)}`;

test("the model has every point, clock state and count of refusals", (t) => {
	t.log(`${boards.length} states, ${steps.length} transitions, ${events.length} kinds of event`);
	t.true(boards.length > 1000);
	t.is(new Set(boards.map(({ point }) => point)).size, 7);
	t.is(
		new Set(boards.map(({ state }) => `${state.clockSuspect} ${state.clockResynced} ${state.shouldRegister}`)).size,
		8,
	);
	t.deepEqual(
		[...new Set(boards.map(({ tally }) => Math.min(tally.refusals, 10)))].toSorted((a, b) => a - b),
		[...Array(11).keys()],
	);
});

test("invariants 1, 6: no state registers while a credential is valid", (t) => {
	const registering = boards.filter(({ point }) => point === "registering");
	t.true(registering.length > 0);
	for (const board of registering) t.true(mayRegister(board), stateKey(board));
});

/** Whether what is in flash may be replaced, by its own account. */
function mayReplace(board: ModelBoard): boolean {
	const record = credentialStatus(board);
	return record !== undefined && record.refusals >= (record.active ? 10 : 1);
}

test("invariant 6: a replaceable credential and registration take turns", (t) => {
	for (const board of boards.filter(({ point }) => point === "timed")) {
		const registers =
			credentialStatus(board) === undefined ||
			board.tally.told ||
			(mayReplace(board) && !board.state.shouldRegister && untilRegistration(board) === 0);
		t.is(applyEvent(board, success).point, registers ? "registering" : "connecting", stateKey(board));
		if (mayReplace(board)) t.true(mayRegister(board), stateKey(board));
	}
});

test("invariant 6: a failed requested registration falls back to the credential", (t) => {
	t.true(fallingBack.length > 0);
	for (const step of fallingBack) {
		t.deepEqual(credentialStatus(step.to), credentialStatus(step.from), tell(step));
		const [shortest = 0, , longest = 0] = waits(step.from, step.event);
		const asked = patience(step.event);
		t.deepEqual([shortest, Math.round(longest)], [5 + asked, ceiling(1, asked) + asked], tell(step));
		const next = [success, success, success].reduce((board, event) => applyEvent(board, event), step.to);
		t.is(next.point, "connecting", tell(step));
	}
});

test("invariant 7: a command retries after five seconds at the earliest, never later", (t) => {
	const told = steps.filter(({ event }) => event.command !== undefined);
	t.true(told.length > 0);
	for (const { from, event, to } of told) {
		t.is(to.state.delay, Math.min(from.state.delay, 5), `${event.name} in ${stateKey(from)}`);
		for (const waited of [0, 1000, 4999, 5000, 299_000]) {
			const command = event.command as Command;
			const { delay } = next(from.state, { type: "command-received", command, waited });
			t.is(delay, Math.max(0, Math.min(from.state.delay, 5) - waited / 1000));
		}
	}
});

test("invariant 10: what is erased is gone, and the board starts over", (t) => {
	for (const { event, to } of steps.filter(({ event }) => event.command === "erase")) {
		t.is(credentialStatus(to), undefined, event.name);
		const next = [success, success, success].reduce((board, each) => applyEvent(board, each), to);
		t.is(next.point, "registering");
	}
});

test("invariant 6: a credential is replaced at the attempt after its last refusal", (t) => {
	for (const step of steps.filter(({ event }) => event.name === "credential refused")) {
		const next = [success, success, success].reduce((board, event) => applyEvent(board, event), step.to);
		const registers = mayReplace(step.to) && untilRegistration(step.to) === 0;
		t.is(next.point, registers ? "registering" : "connecting", tell(step));
	}
});

test("registrations in vain are ever further apart, up to 200 failed attempts; a stable session or a command ends that", (t) => {
	const failure = { code: "credential-refused", action: "retry" } as const;
	const replaceable = { active: false, refusals: 1 };
	let state = initialState(0, 0);
	const registeredAt: number[] = [];
	for (let attempt = 0; attempt < 1000; attempt++) {
		state = next(next(state, { type: "clock-synced" }), {
			type: "credential-loaded",
			credential: attempt === 0 ? undefined : replaceable,
		});
		if (state.shouldRegister) {
			registeredAt.push(attempt);
			state = next(state, { type: "credential-stored" });
		}
		state = next(state, { type: "attempt-failed", failure, lasted: 0, random: 0 });
	}
	t.deepEqual(registeredAt, [0, 1, 11, 111, 311, 511, 711, 911]);
	const lost = { code: "connection-lost", action: "retry" } as const;
	for (const ended of [
		next(state, { type: "attempt-failed", failure: lost, lasted: 60_000, random: 0 }),
		next(state, { type: "command-received", command: "now", waited: 0 }),
		next(state, { type: "command-received", command: "register", waited: 0 }),
	])
		t.true(next(ended, { type: "credential-loaded", credential: replaceable }).shouldRegister);
	const short = next(state, { type: "attempt-failed", failure: lost, lasted: 59_999, random: 0 });
	t.false(next(short, { type: "credential-loaded", credential: replaceable }).shouldRegister);
});

test("sessions that are lost within a minute are counted, until one lasts or ends in another way", (t) => {
	const lost = { code: "connection-lost", action: "retry" } as const;
	const end = (state: State, failure: FailureInfo, lasted: number) =>
		next(state, { type: "attempt-failed", failure, lasted, random: 0 });
	let state = initialState(0, 0);
	for (const [failure, lasted, count] of [
		[lost, 1, 1],
		[lost, 59_999, 2],
		[{ code: "connect-failed", action: "retry" }, 0, 2],
		[lost, 0, 2],
		[lost, 5000, 3],
		[lost, 5000, 4],
		[lost, 60_000, 0],
		[lost, 5000, 1],
		[{ code: "timeout", action: "retry" }, 5000, 0],
		[lost, 5000, 1],
		[{ code: "ordered", action: "retry" }, 5000, 0],
	] as const) {
		state = end(state, failure, lasted);
		t.is(state.shortSessions, count);
	}
});

test("invariant 7: a session that ended to be renewed is followed at once, but five seconds after it began", (t) => {
	const renewal = { code: "ordered", action: "retry", reason: "renewal" } as const;
	const online = initialState(3600, 0);
	for (const [lasted, delay] of [
		[3_000_000, 0],
		[5000, 0],
		[1000, 4],
	] as const)
		t.is(next(online, { type: "attempt-failed", failure: renewal, lasted, random: almostOne }).delay, delay);
	const told = next(online, {
		type: "attempt-failed",
		failure: { code: "ordered", action: "retry" },
		lasted: 3_000_000,
		random: almostOne,
	});
	t.true(told.delay > 299, "unlike any other end");
});

test("invariant 7: after any failure in any state there is a bounded retry", (t) => {
	for (const step of failures)
		for (const wait of waits(step.from, step.event)) {
			t.true(wait >= 5 + patience(step.event), tell(step));
			t.true(wait <= 300 + patience(step.event), tell(step));
		}
});

test("invariant 7: needs-attention retries at the cap unless the clock is suspect", (t) => {
	for (const step of failures.filter(({ event }) => event.failure?.action === "needs-attention")) {
		const hope = step.event.failure?.code === "certificate-expired" && !step.from.resynced;
		const [shortest = 0, , longest = 0] = waits(step.from, step.event);
		if (hope) t.true(shortest < 270 + patience(step.event), tell(step));
		else t.deepEqual([shortest, Math.round(longest)], [270 + patience(step.event), 300 + patience(step.event)]);
	}
});

test("invariant 7: the ceiling doubles per failure; a stable session resets it", (t) => {
	for (const step of failures.filter(({ event }) => event.failure?.action !== "needs-attention")) {
		const row = step.event.name === "dropped" ? 1 : step.from.state.attempts + 1;
		const [shortest = 0, , longest = 0] = waits(step.from, step.event);
		t.is(shortest, 5 + patience(step.event), tell(step));
		t.is(Math.round(longest), ceiling(row, patience(step.event)) + patience(step.event), tell(step));
		t.is(step.to.state.attempts, row);
	}
});

test("invariant 7: after a lost session the startup jitter applies again", (t) => {
	const lost = { code: "connection-lost", action: "retry" } as const;
	const wait = (spread: number, lasted: number, random: number) =>
		Math.round(next(initialState(spread, 0), { type: "attempt-failed", failure: lost, lasted, random }).delay);
	t.deepEqual([wait(120, 60_000, 0), wait(120, 60_000, almostOne)], [5, 125]);
	t.is(wait(3, 60_000, almostOne), 10, "no narrower than otherwise");
	t.is(wait(3600, 60_000, almostOne), 300, "no board is away for longer than five minutes");
	t.is(wait(120, 59_999, almostOne), 10, "a session that did not last is a failed attempt");
	t.is(wait(120, 0, almostOne), 10, "so is none at all");
});

test("a clock-related failure makes the clock suspect until a resync", (t) => {
	for (const step of steps) {
		const { from, event, to } = step;
		const blamed = ["bad-timestamp", "certificate-expired"].includes(event.failure?.code ?? "");
		const settled = event.powerCut || (from.point === "networked" && !event.failure);
		t.is(to.state.clockSuspect, blamed || (from.state.clockSuspect && !settled), tell(step));
	}
});

test("invariant 7: from every state a healthy cloud means online at the next attempt", (t) => {
	for (const start of boards) {
		let board = start;
		let attempts = 0;
		for (; board.point !== "online" && attempts <= 1; board = applyEvent(board, success))
			if (board.point === "waiting") attempts++;
		t.true(attempts <= 1, stateKey(start));
	}
});

test("from every state a cloud without credentials costs at most eleven refusals, unless registering was in vain before", (t) => {
	const refused = events.find(({ name }) => name === "credential refused") as Event;
	for (const start of boards) {
		let board = start;
		let refusals = 0;
		let registered = false;
		const limit = 11 + untilRegistration(start);
		while (board.point !== "online" && refusals <= limit) {
			const refuses = board.point === "connecting" && !registered;
			if (refuses) refusals++;
			if (board.point === "storing") registered = true;
			board = applyEvent(board, refuses ? refused : success);
		}
		t.true(refusals <= limit, stateKey(start));
	}
});

test("invariant 7: retry times follow the random bytes in every state", (t) => {
	for (const step of failures) {
		const [low = 0, middle = 0, high = 0] = waits(step.from, step.event);
		t.true(middle - low >= 2.49 && high - middle >= 2.49, tell(step));
	}
	t.is(initialState(3600, 0.25).delay, 900);
});

test("invariant 7: a thousand boards that fail together do not come back together", (t) => {
	for (const { name, failure } of events.filter((each) => each.failure !== undefined)) {
		const chance = seededRandom(1);
		const perSecond = new Map<number, number>();
		for (let board = 0; board < 1000; board++) {
			let state: State = initialState(0, 0);
			let at = 0;
			for (let attempt = 0; attempt < 10; attempt++) {
				const event = { type: "attempt-failed", failure: failure as FailureInfo, lasted: 0, random: chance() } as const;
				state = next(state, event);
				at += state.delay;
			}
			perSecond.set(Math.floor(at), (perSecond.get(Math.floor(at)) ?? 0) + 1);
		}
		t.true(Math.max(...perSecond.values()) < 40, name);
	}
});

/** What the properties ask of a life. */
interface Look {
	readonly life: ScriptedRun;
	readonly script: Script;
}

const seed = Date.now();
/** Lives that all properties look at. */
const lives: Promise<readonly Look[]> = Promise.all(
	fc
		.sample(arbitraryScripts, { numRuns: 300, seed })
		.map(async (script) => ({ script, life: await runScript(script) })),
);

test("random runs reach every state", async (t) => {
	const seen = new Map<string, number>();
	for (const { life } of await lives) for (const step of life.steps) seen.set(step, (seen.get(step) ?? 0) + 1);
	t.log(`seed ${seed}: ${[...seen].map(([step, times]) => `${step} ${times}`).join(", ")}`);
	for (const step of everywhere) t.true((seen.get(step) ?? 0) >= 50, step);
});

/** A failure names the shortest life like the one that fails. */
async function holds(t: ExecutionContext, property: (look: Look) => void): Promise<void> {
	for (const look of await lives)
		try {
			property(look);
		} catch {
			await fc.assert(
				fc.asyncProperty(arbitraryScripts, async (script) => {
					property({ life: await runScript(script), script });
				}),
				{ examples: [[look.script]], numRuns: 300, seed },
			);
			throw new Error(`a run of seed ${seed} fails only together with others`);
		}
	t.pass();
}

test("the firmware, invariant 7: attempts are 5 s apart, at most 5 min after a failure", (t) =>
	holds(t, ({ life }) => {
		for (const [index, { failure, began, ended }] of life.attempts.entries()) {
			const next = life.attempts[index + 1];
			if (failure === undefined || next === undefined) continue;
			const asked = Math.min(failure.retryAfter ?? 0, day) * 1000;
			assert(next.began - began >= 5000 + asked, `attempts ${index} and the next: ${next.began - began} ms`);
			assert(next.began - ended >= 5000 + asked && next.began - ended <= 300_000 + asked + 1);
		}
	}));

test("the firmware, invariant 7: retries never stop", (t) =>
	holds(t, ({ life, script }) => {
		assert(life.closed, "the application closed the last session");
		assert(life.attempts.length > script.attempts.length);
	}));

test("the firmware, invariants 1, 6: registers only if needed and stores first", (t) =>
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

test("the firmware, invariant 6: a refused fresh credential is replaced first", (t) =>
	holds(t, ({ life }) => {
		let fresh = false;
		let refused = false;
		let stores = 0;
		for (const step of life.steps) {
			// Later ones are tried for longer.
			if (step === "stored") [fresh, refused] = [++stores === 1, false];
			if (step === "online") fresh = false;
			if (step === "credential-refused") refused = fresh;
			if (step === "connecting") assert(!refused, life.steps.join(", "));
			if (step === "registering") refused = false;
		}
	}));

test("the firmware, invariant 7: needs-attention retries at the cap only", (t) =>
	holds(t, ({ life }) => {
		for (const [index, { failure, asked, ended }] of life.attempts.entries()) {
			const next = life.attempts[index + 1];
			if (failure?.action !== "needs-attention" || next === undefined) continue;
			if (failure.code === "certificate-expired" && !asked) continue;
			assert(next.began - ended >= 270_000, failure.code);
		}
	}));

test("the firmware: every wait has a deadline, and so has an attempt", (t) =>
	holds(t, ({ life }) => {
		for (const deadline of life.deadlines) assert(deadline > 0 && deadline <= 60_000);
		for (const { began, reached, ended } of life.attempts) assert((reached ?? ended) - began <= 170_000);
	}));

test("the firmware itself: a wall clock that jumps by years moves nothing", (t) =>
	fc
		.assert(
			fc.asyncProperty(arbitraryScripts, fc.array(clockJump, { minLength: 1 }), async (script, jumps) => {
				const [still, jumping] = [await runScript({ ...script, jumps: [] }), await runScript({ ...script, jumps })];
				assert.deepEqual(jumping.attempts, still.attempts);
				assert.deepEqual(jumping.steps, still.steps);
			}),
			{ numRuns: 200 },
		)
		.then(() => t.pass()));

test("the firmware, invariant 7: two boards with equal failures retry apart", (t) =>
	fc
		.assert(
			fc.asyncProperty(
				arbitraryScripts,
				fc.integer({ min: 0, max: 255 }),
				fc.integer({ min: 0, max: 255 }),
				async (script, a, b) => {
					const [one, other] = [
						await runScript({ ...script, chance: [a] }),
						await runScript({ ...script, chance: [b] }),
					];
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
