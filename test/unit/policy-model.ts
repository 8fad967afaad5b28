/**
 * A board as the policy sees it: the policy's own functions over a real vault, moved by events one at a time.
 * Beside them stands what the invariants say may be done, counted without the policy and without the vault.
 */

import type { Command } from "dynreg/contracts/event";
import { Secret } from "dynreg/core/secret";
import type { VaultRecord } from "dynreg/credential-store/record";
import { openVault } from "dynreg/credential-store/vault";
import { type FailureInfo, initialState, next, type State } from "dynreg/lifecycle/policy";
import { InMemoryFlash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";

/** Where on its way an attempt is. */
export type ModelState = "waiting" | "networked" | "timed" | "registering" | "storing" | "connecting" | "online";

export interface Event {
	readonly name: string;
	/** The points at which it can happen. */
	readonly at: readonly ModelState[];
	/** Absent: the step succeeds. */
	readonly failure?: FailureInfo;
	/** Milliseconds that the session lasted. */
	readonly lasted?: number;
	readonly powerCut?: true;
	/** A command at the board requests it. */
	readonly command?: Command;
	/** So many attempts fail that one more is enough for another registration. */
	readonly days?: true;
}

const steps = ["waiting", "networked", "timed", "registering", "storing", "connecting"] as const;
const servers = ["registering", "connecting"] as const;

/** All that can happen, by what it means to the policy. */
export const events: readonly Event[] = [
	{ name: "success", at: steps },
	{ name: "no network", at: ["waiting"], failure: { code: "no-network", action: "retry" } },
	{ name: "no time", at: ["networked"], failure: { code: "clock-unknown", action: "retry" } },
	{ name: "flash unreadable", at: ["timed"], failure: { code: "storage-failed", action: "retry" } },
	{ name: "flash too small", at: ["registering"], failure: { code: "storage-too-small", action: "needs-attention" } },
	{ name: "nobody answers", at: servers, failure: { code: "connect-failed", action: "retry" } },
	{ name: "overloaded", at: servers, failure: { code: "http-status", action: "wait" } },
	{ name: "overloaded for a while", at: servers, failure: { code: "http-status", action: "wait", retryAfter: 120 } },
	{ name: "overloaded for ever", at: servers, failure: { code: "http-status", action: "wait", retryAfter: 1e12 } },
	{
		name: "refused, come back later",
		at: servers,
		failure: { code: "bad-answer", action: "needs-attention", retryAfter: 3600 },
	},
	{ name: "refused for good", at: servers, failure: { code: "bad-product-secret", action: "needs-attention" } },
	{ name: "wrong time", at: servers, failure: { code: "bad-timestamp", action: "retry" } },
	{ name: "expired", at: servers, failure: { code: "certificate-expired", action: "needs-attention" } },
	{
		name: "expired, come back later",
		at: servers,
		failure: { code: "certificate-expired", action: "needs-attention", retryAfter: 60 },
	},
	{ name: "flash forgot", at: ["storing"], failure: { code: "storage-mismatch", action: "retry" } },
	{ name: "credential refused", at: ["connecting"], failure: { code: "credential-refused", action: "retry" } },
	{ name: "dropped at once", at: ["online"], failure: { code: "connection-lost", action: "retry" }, lasted: 59_999 },
	{ name: "dropped", at: ["online"], failure: { code: "connection-lost", action: "retry" }, lasted: 60_000 },
	{ name: "days of failures", at: ["waiting"], days: true },
	{ name: "told not to wait", at: ["waiting"], command: "now" },
	{ name: "told to register", at: ["waiting"], command: "register" },
	{ name: "told to erase", at: ["waiting"], command: "erase" },
	{ name: "power cut", at: [...steps, "online"], powerCut: true },
];

/** What the invariants count. */
export interface ModelCounts {
	/** A credential has been accepted by the broker. */
	readonly accepted: boolean;
	/** A credential is in flash. */
	readonly stored: boolean;
	/** Refused credentials since anything was accepted or, before that, stored. */
	readonly refusals: number;
	/** A command has requested registration, which was not tried yet. */
	readonly told: boolean;
}

export interface ModelBoard {
	readonly point: ModelState;
	readonly state: State;
	readonly flash: InMemoryFlash;
	readonly tally: ModelCounts;
	/** This attempt has synchronized the clock because it was suspect. */
	readonly resynced: boolean;
}

const identity = "tencent/PRODUCT001/board-1";
const fresh = { kind: "key", secret: new Secret("a key") } as const;

const nothing: ModelCounts = { accepted: false, stored: false, refusals: 0, told: false };

export const newModelBoard: ModelBoard = {
	point: "waiting",
	state: initialState(0, 0),
	flash: new InMemoryFlash(4000),
	tally: nothing,
	resynced: false,
};

/** Failed attempts until another registration is possible. */
export function untilRegistration({ state }: ModelBoard): number {
	return Math.max(0, state.registerFrom - state.attempts);
}

export function isPossible(board: ModelBoard, event: Event): boolean {
	return event.at.includes(board.point) && (!event.days || untilRegistration(board) > 1);
}

/** @param random from 0 up to but not including 1 */
export function applyEvent(board: ModelBoard, event: Event, random = 0.5): ModelBoard {
	const { point, tally } = board;
	if (event.powerCut) {
		const untold = { ...tally, told: false };
		return { ...board, point: "waiting", state: initialState(3, random), tally: untold, resynced: false };
	}
	if (event.days) return { ...board, state: { ...board.state, attempts: board.state.registerFrom - 1 } };
	const flash = board.flash.copy();
	// Each event is a life of the vault's own, so that every refusal is written.
	const vault = openVault(flash, crypto, identity);
	if (event.command) {
		if (event.command === "erase") vault.erase();
		const state = next(board.state, { type: "command-received", command: event.command, waited: 0 });
		const told = event.command === "register" || (event.command === "now" && tally.told);
		return { ...board, state, flash, tally: event.command === "erase" ? nothing : { ...tally, told } };
	}
	if (event.failure) {
		const refused = event.failure.code === "credential-refused";
		if (refused) vault.refused();
		const { failure, lasted = 0 } = event;
		const state = next(board.state, { type: "attempt-failed", failure, lasted, random });
		return {
			point: "waiting",
			state,
			flash,
			tally: {
				...tally,
				refusals: tally.refusals + (refused ? 1 : 0),
				told: tally.told && point !== "registering" && point !== "storing",
			},
			resynced: false,
		};
	}
	switch (point) {
		case "waiting":
			return { ...board, point: "networked" };
		case "networked":
			return {
				...board,
				point: "timed",
				state: next(board.state, { type: "clock-synced" }),
				resynced: board.state.clockSuspect,
			};
		case "timed": {
			const state = next(board.state, { type: "credential-loaded", credential: vault.load() });
			return { ...board, point: state.shouldRegister ? "registering" : "connecting", state };
		}
		case "registering":
			return { ...board, point: "storing" };
		case "storing":
			vault.commit(fresh);
			return {
				...board,
				point: "connecting",
				state: next(board.state, { type: "credential-stored" }),
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
			return {
				...board,
				point: "online",
				flash,
				tally: { accepted: true, stored: true, refusals: 0, told: false },
			};
		case "online":
			throw new Error("a session does not succeed, it ends");
	}
}

/** Whether the invariants allow this board to register. */
export function mayRegister({ tally }: ModelBoard): boolean {
	if (tally.told) return true;
	if (tally.accepted) return tally.refusals >= 10;
	return !tally.stored || tally.refusals >= 1;
}

/** What is in flash. */
export function credentialStatus({ flash }: ModelBoard): VaultRecord | undefined {
	return openVault(flash, crypto, identity).load();
}

/** Two boards with the same key have the same future: failures beyond the cap, and generations, make no difference. */
export function stateKey(board: ModelBoard): string {
	const { point, state, tally, resynced } = board;
	const record = credentialStatus(board);
	return JSON.stringify([
		point,
		[Math.min(state.attempts, 5), state.clockSuspect, state.clockResynced, state.shouldRegister, state.reregister],
		[Math.min(untilRegistration(board), 2), state.registerAfter > 1],
		record && [record.active, record.refusals, record.previous !== undefined],
		[tally.accepted, tally.stored, Math.min(tally.refusals, 10), tally.told],
		resynced,
	]);
}
