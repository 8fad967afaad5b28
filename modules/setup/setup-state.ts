/**
 * Set-up mode as a pure state machine: scan, open the access point, try the network that a person enters, store it once
 * it has given an address, restart. The caller reports events and performs the actions in their order.
 */

import type { Milliseconds } from "../contracts/host.js";
import type { FoundNetwork, JoinFailure, JoinOutcome, WifiNetwork } from "../contracts/setup.js";
import { offered } from "./networks.js";

/** Without a request for so long, an access point without guests closes for another scan. */
const rescanMs = 5 * 60_000;
/** Where a network is known: without a request for so long, the board returns to it. */
const idleMs = 10 * 60_000;
/** Where a network is known: the longest that the access point is open. */
const maxOpenMs = 30 * 60_000;
/** After success the access point stays, for a phone to see the result. */
const farewellMs = 30_000;
/** Before another attempt to open the access point. */
const reopenMs = 5_000;
/** Before the station joins: the response with the page must leave first. Doubled with each failure. */
const joinDelayMs = 1_000;
const maxJoinDelayMs = 16_000;

export interface SetupState {
	readonly phase: "scanning" | "opening" | "open" | "joining" | "storing" | "done" | "closed";
	/** Whether flash or the configuration has a network, to which the board returns. */
	readonly isKnown: boolean;
	/** The strongest first. */
	readonly networks: readonly FoundNetwork[];
	/** Ticks at which the access point was opened. */
	readonly openedAt: Milliseconds;
	/** The network that is tried; after a failure, its name only. */
	readonly network: WifiNetwork | undefined;
	/** Why the last network is not stored. */
	readonly failure: JoinFailure | "not-stored" | undefined;
	/** Failed attempts in a row. */
	readonly failures: number;
}

export type SetupEvent =
	| { readonly type: "scanned"; readonly networks: readonly FoundNetwork[] }
	| { readonly type: "opened"; readonly now: Milliseconds }
	| { readonly type: "not-opened" }
	/** Someone has requested the page. */
	| { readonly type: "requested"; readonly now: Milliseconds }
	| { readonly type: "entered"; readonly network: WifiNetwork }
	| { readonly type: "tried"; readonly outcome: JoinOutcome; readonly now: Milliseconds }
	| { readonly type: "stored" }
	| { readonly type: "not-stored"; readonly now: Milliseconds }
	/** The last `wait` is over. */
	| { readonly type: "waited"; readonly guests: number };

export type SetupAction =
	| { readonly type: "scan" }
	| { readonly type: "open"; readonly channel: number }
	/** After the delay. */
	| { readonly type: "join"; readonly network: WifiNetwork; readonly delay: Milliseconds }
	| { readonly type: "store"; readonly network: WifiNetwork }
	| { readonly type: "leave" }
	/** Replaces the wait before it. */
	| { readonly type: "wait"; readonly duration: Milliseconds }
	/** The access point. */
	| { readonly type: "close" }
	| { readonly type: "restart" };

export type Step = readonly [state: SetupState, actions: readonly SetupAction[]];

/** The first step. @param isKnown whether the board has a network to return to */
export const startSetup = (isKnown: boolean): Step => [
	{
		phase: "scanning",
		isKnown,
		networks: [],
		openedAt: 0,
		network: undefined,
		failure: undefined,
		failures: 0,
	},
	[{ type: "scan" }],
];

/** An event that does not belong to the phase changes nothing: a second form while a network is tried, a late request. */
export const nextSetup = (state: SetupState, event: SetupEvent): Step => {
	switch (event.type) {
		case "scanned":
			return state.phase === "scanning" ? opening({ ...state, networks: offered(event.networks) }) : [state, []];
		case "opened":
			return state.phase === "opening" ? open(state, event.now, { openedAt: event.now }) : [state, []];
		case "not-opened":
			return state.phase === "opening" ? [state, [{ type: "wait", duration: reopenMs }]] : [state, []];
		case "requested":
			return state.phase === "open" ? open(state, event.now) : [state, []];
		case "entered":
			return state.phase === "open" ? joining(state, event.network) : [state, []];
		case "tried":
			return state.phase === "joining" ? tried(state, event.outcome, event.now) : [state, []];
		case "stored":
			return state.phase === "storing" ? done(state) : [state, []];
		case "not-stored": {
			if (state.phase !== "storing") return [state, []];
			const [next, actions] = failed(state, "not-stored", event.now);
			return [next, [{ type: "leave" }, ...actions]];
		}
		default:
			return waited(state, event.guests);
	}
};

const opening = (state: SetupState): Step => [
	{ ...state, phase: "opening" },
	// The radio has one channel: the one of the network that will be joined, most likely.
	[{ type: "open", channel: state.networks[0]?.channel ?? 1 }],
];

const open = (state: SetupState, now: Milliseconds, change: Partial<SetupState> = {}): Step => {
	const next: SetupState = { ...state, ...change, phase: "open" };
	const left = next.openedAt + maxOpenMs - now;
	const duration = next.isKnown ? Math.max(0, Math.min(idleMs, left)) : rescanMs;
	return [next, [{ type: "wait", duration }]];
};

const joining = (state: SetupState, network: WifiNetwork): Step => [
	{ ...state, phase: "joining", network, failure: undefined },
	[{ type: "join", network, delay: Math.min(maxJoinDelayMs, joinDelayMs * 2 ** Math.min(state.failures, 10)) }],
];

const tried = (state: SetupState, outcome: JoinOutcome, now: Milliseconds): Step =>
	outcome === "joined"
		? [{ ...state, phase: "storing" }, [{ type: "store", network: state.network as WifiNetwork }]]
		: failed(state, outcome, now);

const failed = (state: SetupState, failure: SetupState["failure"], now: Milliseconds): Step =>
	open(state, now, {
		failure,
		failures: state.failures + 1,
		// The form keeps the name; the password is of no more use.
		network: { name: (state.network as WifiNetwork).name },
	});

const done = (state: SetupState): Step => [
	{ ...state, phase: "done", network: undefined },
	[{ type: "wait", duration: farewellMs }],
];

const waited = (state: SetupState, guests: number): Step => {
	if (state.phase === "opening") return opening(state);
	if (state.phase === "done" || (state.phase === "open" && state.isKnown))
		return [{ ...state, phase: "closed" }, [{ type: "close" }, { type: "restart" }]];
	if (state.phase !== "open") return [state, []];
	// A scan would take the page from a phone.
	if (guests > 0) return [state, [{ type: "wait", duration: rescanMs }]];
	return [{ ...state, phase: "scanning" }, [{ type: "close" }, { type: "scan" }]];
};
