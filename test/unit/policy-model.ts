/**
 * A board as the policy sees it: the policy's own functions over a real vault, moved by events one at a time.
 * Beside them stands what the invariants say may be done, counted without the policy and without the vault.
 */

import type { Order } from "dynreg/contracts/event";
import { Secret } from "dynreg/core/secret";
import type { Record } from "dynreg/credential-store/record";
import { openVault } from "dynreg/credential-store/vault";
import {
	failed,
	looked,
	ordered,
	poweredUp,
	type Setback,
	type State,
	stored,
	timeKnown,
} from "dynreg/lifecycle/policy";
import { Flash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";

/** Where on its way an attempt is. */
export type Point = "waiting" | "networked" | "timed" | "registering" | "storing" | "connecting" | "online";

export interface Event {
	readonly name: string;
	/** The points at which it can happen. */
	readonly at: readonly Point[];
	/** Absent: the step succeeds. */
	readonly setback?: Setback;
	/** Milliseconds that the session lasted. */
	readonly lasted?: number;
	readonly powerCut?: true;
	/** Somebody at the board asks for it. */
	readonly order?: Order;
}

const steps = ["waiting", "networked", "timed", "registering", "storing", "connecting"] as const;
const servers = ["registering", "connecting"] as const;

/** All that can happen, by what it means to the policy. */
export const events: readonly Event[] = [
	{ name: "success", at: steps },
	{ name: "no network", at: ["waiting"], setback: { code: "no-network", action: "retry" } },
	{ name: "no time", at: ["networked"], setback: { code: "clock-unknown", action: "retry" } },
	{ name: "flash unreadable", at: ["timed"], setback: { code: "storage-failed", action: "retry" } },
	{ name: "flash too small", at: ["registering"], setback: { code: "storage-too-small", action: "stop" } },
	{ name: "nobody answers", at: servers, setback: { code: "connect-failed", action: "retry" } },
	{ name: "overloaded", at: servers, setback: { code: "http-status", action: "wait" } },
	{ name: "overloaded for a while", at: servers, setback: { code: "http-status", action: "wait", retryAfter: 120 } },
	{ name: "overloaded for ever", at: servers, setback: { code: "http-status", action: "wait", retryAfter: 1e12 } },
	{ name: "refused, come back later", at: servers, setback: { code: "bad-answer", action: "stop", retryAfter: 3600 } },
	{ name: "refused for good", at: servers, setback: { code: "bad-product-secret", action: "stop" } },
	{ name: "wrong time", at: servers, setback: { code: "bad-timestamp", action: "retry" } },
	{ name: "expired", at: servers, setback: { code: "certificate-expired", action: "stop" } },
	{
		name: "expired, come back later",
		at: servers,
		setback: { code: "certificate-expired", action: "stop", retryAfter: 60 },
	},
	{ name: "flash forgot", at: ["storing"], setback: { code: "storage-mismatch", action: "retry" } },
	{ name: "credential refused", at: ["connecting"], setback: { code: "credential-refused", action: "retry" } },
	{ name: "dropped at once", at: ["online"], setback: { code: "connection-lost", action: "retry" }, lasted: 59_999 },
	{ name: "dropped", at: ["online"], setback: { code: "connection-lost", action: "retry" }, lasted: 60_000 },
	{ name: "told not to wait", at: ["waiting"], order: "now" },
	{ name: "told to register", at: ["waiting"], order: "register" },
	{ name: "told to erase", at: ["waiting"], order: "erase" },
	{ name: "power cut", at: [...steps, "online"], powerCut: true },
];

/** What the invariants count. */
export interface Tally {
	/** A credential has been accepted by the broker. */
	readonly accepted: boolean;
	/** A credential is in flash. */
	readonly stored: boolean;
	/** Refused credentials since anything was accepted or, before that, stored. */
	readonly refusals: number;
	/** Somebody has told it to register, and it has not tried yet. */
	readonly told: boolean;
}

export interface Board {
	readonly point: Point;
	readonly state: State;
	readonly flash: Flash;
	readonly tally: Tally;
	/** This attempt has asked for the time because it was in doubt. */
	readonly asked: boolean;
}

const identity = "tencent/PRODUCT001/board-1";
const fresh = { kind: "key", secret: new Secret("a key") } as const;

const nothing: Tally = { accepted: false, stored: false, refusals: 0, told: false };

export const newBoard: Board = {
	point: "waiting",
	state: poweredUp(0, 0),
	flash: new Flash(4000),
	tally: nothing,
	asked: false,
};

export function canHappen({ point }: Board, event: Event): boolean {
	return event.at.includes(point);
}

/** @param random from 0 up to but not including 1 */
export function happens(board: Board, event: Event, random = 0.5): Board {
	const { point, tally } = board;
	if (event.powerCut) {
		const untold = { ...tally, told: false };
		return { ...board, point: "waiting", state: poweredUp(3, random), tally: untold, asked: false };
	}
	const flash = board.flash.copy();
	const vault = openVault(flash, crypto, identity);
	if (event.order) {
		if (event.order === "erase") vault.erase();
		const state = ordered(board.state, event.order, 0);
		const told = event.order === "register" || (event.order === "now" && tally.told);
		return { ...board, state, flash, tally: event.order === "erase" ? nothing : { ...tally, told } };
	}
	if (event.setback) {
		const refused = event.setback.code === "credential-refused";
		if (refused) vault.refused();
		const state = failed(board.state, event.setback, event.lasted ?? 0, random);
		return {
			point: "waiting",
			state,
			flash,
			tally: {
				...tally,
				refusals: tally.refusals + (refused ? 1 : 0),
				told: tally.told && point !== "registering" && point !== "storing",
			},
			asked: false,
		};
	}
	switch (point) {
		case "waiting":
			return { ...board, point: "networked" };
		case "networked":
			return { ...board, point: "timed", state: timeKnown(board.state), asked: board.state.doubted };
		case "timed": {
			const state = looked(board.state, vault.load());
			return { ...board, point: state.register ? "registering" : "connecting", state };
		}
		case "registering":
			return { ...board, point: "storing" };
		case "storing":
			vault.commit(fresh);
			return {
				...board,
				point: "connecting",
				state: stored(board.state),
				flash,
				// Who asks for another has given up the one that was accepted, as if it had been refused for good.
				tally: {
					...tally,
					stored: true,
					refusals: !tally.accepted ? 0 : tally.told ? 10 : tally.refusals,
					told: false,
				},
			};
		case "connecting":
			vault.accepted();
			return { ...board, point: "online", flash, tally: { accepted: true, stored: true, refusals: 0, told: false } };
		case "online":
			throw new Error("a session does not succeed, it ends");
	}
}

/** Whether the invariants allow this board to register. */
export function mayRegister({ tally }: Board): boolean {
	if (tally.told) return true;
	if (tally.accepted) return tally.refusals >= 10;
	return !tally.stored || tally.refusals >= 1;
}

/** What is in flash. */
export function kept({ flash }: Board): Record | undefined {
	return openVault(flash, crypto, identity).load();
}

/** Two boards with the same key have the same future: failures beyond the cap, and generations, make no difference. */
export function key(board: Board): string {
	const { point, state, tally, asked } = board;
	const record = kept(board);
	return JSON.stringify([
		point,
		[Math.min(state.failures, 7), state.doubted, state.asked, state.register, state.again],
		record && [record.active, record.refusals, record.previous !== undefined],
		[tally.accepted, tally.stored, Math.min(tally.refusals, 10), tally.told],
		asked,
	]);
}
