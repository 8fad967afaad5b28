/**
 * Set-up mode as a pure state machine: scan, open the access point, try the network that a person enters, store it once
 * it has given an address, restart. The caller reports events and performs the actions in their order.
 */

import type { Milliseconds } from "../contracts/host.js";
import type { FoundNetwork, JoinFailure, JoinOutcome, WifiNetwork } from "../contracts/setup.js";
import { offered } from "./networks.js";

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
	| { readonly type: "opened" }
	| { readonly type: "not-opened" }
	/** Someone has requested the page. */
	| { readonly type: "requested" }
	| { readonly type: "entered"; readonly network: WifiNetwork }
	| { readonly type: "tried"; readonly outcome: JoinOutcome }
	| { readonly type: "stored" }
	| { readonly type: "not-stored" }
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

/**
 * An event that does not belong to the phase changes nothing: a second form while a network is tried, a late request.
 *
 * Helpers and constants within the function, where they take a fraction of a chip's flash.
 *
 * @param now ticks
 */
export const nextSetup = (state: SetupState, event: SetupEvent, now: Milliseconds): Step => {
	const { phase, isKnown, failures } = state;
	const { type } = event;
	const step = (change: Partial<SetupState>, ...actions: SetupAction[]): Step => [{ ...state, ...change }, actions];

	const wait = (duration: Milliseconds): SetupAction => ({ type: "wait", duration });

	const opening = (networks = state.networks): Step =>
		// The radio has one channel: the one of the network that will be joined, most likely.
		step({ phase: "opening", networks }, { type: "open", channel: networks[0]?.channel ?? 1 });

	/** Without a request for so long, an access point without guests closes for another scan. */
	const rescanMs = 300_000;

	const open = (change: Partial<SetupState> = {}, ...actions: SetupAction[]): Step => {
		/** Where a network is known: without a request for so long, the board returns to it. */
		const idleMs = 600_000;
		/** Where a network is known: the longest that the access point is open. */
		const maxOpenMs = 1_800_000;
		const left = (change.openedAt ?? state.openedAt) + maxOpenMs - now;
		return step(
			{ ...change, phase: "open" },
			...actions,
			wait(isKnown ? Math.max(0, Math.min(idleMs, left)) : rescanMs),
		);
	};

	const failed = (failure: SetupState["failure"], ...actions: SetupAction[]): Step =>
		// The form keeps the name; the password is of no more use.
		open({ failure, failures: failures + 1, network: { name: (state.network as WifiNetwork).name } }, ...actions);

	const close = (): Step => step({ phase: "closed" }, { type: "close" }, { type: "restart" });

	switch (phase) {
		case "scanning":
			if (event.type === "scanned") return opening(offered(event.networks));
			break;
		case "opening":
			if (type === "opened") return open({ openedAt: now });
			if (type === "not-opened") return step({}, wait(5_000));
			if (type === "waited") return opening();
			break;
		case "open":
			if (type === "requested") return open();
			if (event.type === "entered") {
				const { network } = event;
				// The response with the page must leave first; longer with each failure, up to 16 s.
				const delay = 1_000 * (failures > 3 ? 16 : 1 << failures);
				return step({ phase: "joining", network, failure: undefined }, { type: "join", network, delay });
			}
			if (event.type !== "waited") break;
			if (isKnown) return close();
			// A scan would take the page from a phone.
			if (event.guests > 0) return step({}, wait(rescanMs));
			return step({ phase: "scanning" }, { type: "close" }, { type: "scan" });
		case "joining":
			if (event.type !== "tried") break;
			if (event.outcome !== "joined") return failed(event.outcome);
			return step({ phase: "storing" }, { type: "store", network: state.network as WifiNetwork });
		case "storing":
			// The access point stays for half a minute, for a phone to see the result.
			if (type === "stored") return step({ phase: "done", network: undefined }, wait(30_000));
			if (type === "not-stored") return failed(type, { type: "leave" });
			break;
		case "done":
			if (type === "waited") return close();
	}
	return [state, []];
};
