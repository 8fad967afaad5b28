import test from "ava";
import type { FoundNetwork, JoinFailure } from "dynreg/contracts/setup";
import { Secret } from "dynreg/core/secret";
import { nextSetup, type SetupAction, type SetupEvent, type SetupState, startSetup } from "dynreg/setup/setup-state";

const minute = 60_000;
const found: FoundNetwork = { name: "home", signal: -50, channel: 11, security: "password" };
const home = { name: "home", password: new Secret("an invented password") };
const failures: readonly JoinFailure[] = ["wrong-password", "not-found", "no-address", "refused"];

type TimedEvent = SetupEvent & { readonly now?: number };

const follow = (state: SetupState, { now = 0, ...event }: TimedEvent) => nextSetup(state, event as SetupEvent, now);

/** From the start through these events. */
function after(isKnown: boolean, ...events: readonly TimedEvent[]): [SetupState, readonly SetupAction[]] {
	let [state, actions] = startSetup(isKnown);
	for (const event of events) [state, actions] = follow(state, event);
	return [state, actions];
}

const scanned: TimedEvent = { type: "scanned", networks: [found] };
const opened: TimedEvent = { type: "opened", now: 1000 };
const entered: TimedEvent = { type: "entered", network: home };
const tried = (outcome: "joined" | JoinFailure): TimedEvent => ({ type: "tried", outcome, now: 30_000 });
const stored: TimedEvent = { type: "stored" };
const waited = (guests = 0): TimedEvent => ({ type: "waited", guests });

test("a scan comes before the access point, which takes the strongest network's channel", (t) => {
	t.deepEqual(startSetup(false)[1], [{ type: "scan" }]);
	const [state, actions] = after(false, {
		type: "scanned",
		networks: [{ ...found, name: "far", signal: -80, channel: 3 }, found],
	});
	t.is(state.phase, "opening");
	t.deepEqual(actions, [{ type: "open", channel: 11 }]);
	t.deepEqual(after(false, { type: "scanned", networks: [] })[1], [{ type: "open", channel: 1 }]);
});

test("an access point that does not open is tried again", (t) => {
	const [state, actions] = after(false, scanned, { type: "not-opened" });
	t.is(state.phase, "opening");
	t.deepEqual(actions, [{ type: "wait", duration: 5000 }]);
	t.deepEqual(follow(state, waited())[1], [{ type: "open", channel: 11 }]);
});

test("a network is tried before it is stored, and the board restarts half a minute later", (t) => {
	t.deepEqual(after(false, scanned, opened, entered)[1], [{ type: "join", network: home, delay: 1000 }]);
	t.deepEqual(after(false, scanned, opened, entered, tried("joined"))[1], [{ type: "store", network: home }]);
	const [done, actions] = after(false, scanned, opened, entered, tried("joined"), stored);
	t.is(done.phase, "done");
	t.is(done.network, undefined);
	t.deepEqual(actions, [{ type: "wait", duration: 30_000 }]);
	t.deepEqual(follow(done, waited(1)), [{ ...done, phase: "closed" }, [{ type: "close" }, { type: "restart" }]]);
});

for (const outcome of failures)
	test(`${outcome}: the page stays, with the reason and the name, and without the password`, (t) => {
		const [state, actions] = after(false, scanned, opened, entered, tried(outcome));
		t.like(state, { phase: "open", failure: outcome, failures: 1 });
		t.deepEqual(state.network, { name: "home" });
		t.deepEqual(
			actions.map(({ type }) => type),
			["wait"],
		);
		t.is(after(false, scanned, opened, entered, tried(outcome), entered)[0].failure, undefined);
	});

test("a network that cannot be stored is left, and the page says so", (t) => {
	const [state, actions] = after(false, scanned, opened, entered, tried("joined"), { type: "not-stored", now: 31_000 });
	t.like(state, { phase: "open", failure: "not-stored", network: { name: "home" } });
	t.is(actions[0]?.type, "leave");
});

test("each failure doubles the delay of the next attempt, up to 16 s", (t) => {
	const events: TimedEvent[] = [scanned, opened];
	const delays: number[] = [];
	for (let attempt = 0; attempt < 40; attempt++) {
		const [action] = after(false, ...events, entered)[1];
		if (action?.type === "join") delays.push(action.delay);
		events.push(entered, tried("wrong-password"));
	}
	t.deepEqual(delays.slice(0, 6), [1000, 2000, 4000, 8000, 16_000, 16_000]);
	t.is(delays.length, 40);
	t.is(Math.max(...delays), 16_000);
});

const waitOf = (actions: readonly SetupAction[]) => actions.find((action) => action.type === "wait")?.duration;

test("without a known network it never ends by itself: it scans again when no phone is there", (t) => {
	const [state, actions] = after(false, scanned, opened);
	t.is(waitOf(actions), 5 * minute);
	t.deepEqual(follow(state, waited(1)), [state, [{ type: "wait", duration: 5 * minute }]]);
	const [again, next] = follow(state, waited(0));
	t.is(again.phase, "scanning");
	t.deepEqual(next, [{ type: "close" }, { type: "scan" }]);
});

test("with a known network it ends ten minutes after the last request, and half an hour after it opened", (t) => {
	const [state, actions] = after(true, scanned, opened);
	t.is(waitOf(actions), 10 * minute);
	const requested = (now: number) => waitOf(follow(state, { type: "requested", now })[1]);
	t.is(requested(1000 + 15 * minute), 10 * minute);
	t.is(requested(1000 + 25 * minute), 5 * minute);
	t.is(requested(1000 + 31 * minute), 0);
	for (const guests of [0, 1])
		t.deepEqual(follow(state, waited(guests)), [
			{ ...state, phase: "closed" },
			[{ type: "close" }, { type: "restart" }],
		]);
});

const events: readonly TimedEvent[] = [
	scanned,
	opened,
	{ type: "not-opened" },
	{ type: "requested", now: 2000 },
	entered,
	tried("joined"),
	...failures.map(tried),
	stored,
	{ type: "not-stored", now: 30_000 },
	waited(0),
	waited(1),
];

/** Each state that can be reached, up to the number of failures, with the actions that led to it. */
function reachable(isKnown: boolean): ReadonlyMap<string, SetupState> {
	const known = new Map<string, SetupState>();
	const queue = [startSetup(isKnown)[0]];
	for (let state = queue.shift(); state; state = queue.shift()) {
		const key = JSON.stringify({ ...state, failures: Math.min(state.failures, 5) });
		if (known.has(key)) continue;
		known.set(key, state);
		for (const event of events) queue.push(follow(state, event)[0]);
	}
	return known;
}

/** Phases of the end of an event, and those to which only one event leads. */
const allowed: Readonly<Record<string, readonly SetupState["phase"][]>> = {
	scanned: ["opening"],
	opened: ["open"],
	"not-opened": ["opening"],
	requested: ["open"],
	entered: ["joining"],
	tried: ["storing", "open"],
	stored: ["done"],
	"not-stored": ["open"],
	waited: ["opening", "open", "scanning", "closed"],
};

for (const isKnown of [false, true])
	test(`in each state, ${isKnown ? "with" : "without"} a known network`, (t) => {
		const states = [...reachable(isKnown).values()];
		t.true(states.length > 20);
		for (const state of states)
			for (const event of events) {
				const [next, actions] = follow(state, event);
				const what = `${JSON.stringify(state)} ${JSON.stringify(event)}`;
				if (next === state && actions.length === 0) continue;
				t.true(allowed[event.type]?.includes(next.phase), what);
				// Nothing is stored that has not just given an address.
				if (actions.some(({ type }) => type === "store"))
					t.true(state.phase === "joining" && event.type === "tried" && event.outcome === "joined", what);
				// No station while the access point scans or waits; one attempt at a time.
				if (actions.some(({ type }) => type === "join")) t.is(state.phase, "open", what);
				if (actions.some(({ type }) => type === "scan")) t.is(actions[0]?.type, "close", what);
				// A board without a network never gives up.
				if (next.phase === "closed") t.true(isKnown || state.phase === "done", what);
				// Whatever happens next, something will: a phase that a person could be stuck in has a wait.
				if (next.phase === "open" || next.phase === "done") t.not(waitOf(actions), undefined, what);
				// A password is kept for as long as it is tried.
				t.is(next.network?.password !== undefined, next.phase === "joining" || next.phase === "storing", what);
			}
		// From each state but the last, a person can finish.
		for (const state of states.filter(({ phase }) => phase !== "closed")) {
			let each = state;
			for (const event of [scanned, tried("refused"), opened, entered, tried("joined"), stored, waited(0)])
				[each] = follow(each, event);
			t.is(each.phase, "closed", JSON.stringify(state));
		}
	});
