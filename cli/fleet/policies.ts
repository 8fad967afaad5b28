/** How the boards of a fleet decide when to come: the firmware's own policy, and what vendors' SDKs do. */

import type { Milliseconds } from "dynreg/contracts/host";
import { type FailureInfo, initialState, next, type State } from "dynreg/lifecycle/policy";
import type { RandomSource } from "./seeded-random.js";

/** What a board has in flash: a credential that has not been accepted yet is fresh. */
export type StoredCredential = "nothing" | "fresh" | "active";

/** Many boards, each known by its number from 0. */
export interface FleetPolicy {
	/** Seconds until a board that is switched on makes its first attempt. */
	firstDelay(board: number): number;
	/** Whether its attempt begins with registering. */
	shouldRegister(board: number, credential: StoredCredential): boolean;
	/** What it registered for is in flash. */
	onStored(board: number): void;
	/** Seconds until the next attempt after a session that had lasted for long. */
	delayAfterLoss(board: number): number;
	/** Seconds until the next attempt after one that failed, or undefined: it gives up. */
	delayAfterFailure(board: number, failure: FailureInfo): number | undefined;
}

export interface PolicyFactory {
	readonly name: string;
	/** @param startupJitter seconds within which the firmware's first attempt comes; vendors' SDKs know no such thing */
	create(boards: number, startupJitter: number, random: RandomSource): FleetPolicy;
}

const hour = 3_600_000;

/** The firmware's, from `dynreg/lifecycle/policy`. Of a state, the boards keep what lasts from one attempt to the next. */
class FirmwarePolicy implements FleetPolicy {
	readonly #attempts: Uint16Array;
	readonly #register: Uint8Array;
	readonly #startupJitter: number;
	readonly #random: RandomSource;

	constructor(boards: number, startupJitter: number, random: RandomSource) {
		this.#attempts = new Uint16Array(boards);
		this.#register = new Uint8Array(boards);
		this.#startupJitter = startupJitter;
		this.#random = random;
	}

	firstDelay(board: number): number {
		return this.#keep(board, initialState(this.#startupJitter, this.#random()));
	}

	shouldRegister(board: number, stored: StoredCredential): boolean {
		const credential = stored === "nothing" ? undefined : { active: stored === "active", refusals: 0 };
		const synced = next(this.#state(board), { type: "clock-synced" });
		const state = next(synced, { type: "credential-loaded", credential });
		this.#keep(board, state);
		return state.shouldRegister;
	}

	onStored(board: number): void {
		this.#keep(board, next(this.#state(board), { type: "credential-stored" }));
	}

	delayAfterLoss(board: number): number {
		const lost = { code: "connection-lost", action: "retry" } as const;
		return this.#fail(board, lost, hour);
	}

	delayAfterFailure(board: number, failure: FailureInfo): number {
		return this.#fail(board, failure, 0);
	}

	#fail(board: number, failure: FailureInfo, lasted: Milliseconds): number {
		const random = this.#random();
		return this.#keep(board, next(this.#state(board), { type: "attempt-failed", failure, lasted, random }));
	}

	#state(board: number): State {
		return {
			delay: 0,
			action: "retry",
			attempts: this.#attempts[board] ?? 0,
			shortSessions: 0,
			registerFrom: 0,
			registerAfter: 1,
			clockSuspect: false,
			clockResynced: false,
			shouldRegister: this.#register[board] === 1,
			reregister: "no",
			startupJitter: this.#startupJitter,
		};
	}

	#keep(board: number, { delay, attempts, shouldRegister }: State): number {
		this.#attempts[board] = attempts;
		this.#register[board] = shouldRegister ? 1 : 0;
		return delay;
	}
}

/** What vendors' SDKs have in common: they come at once, and register only without a credential. */
abstract class VendorPolicy implements FleetPolicy {
	protected readonly random: RandomSource;

	constructor(random: RandomSource) {
		this.random = random;
	}

	firstDelay(): number {
		return this.random();
	}

	shouldRegister(_: number, credential: StoredCredential): boolean {
		return credential === "nothing";
	}

	onStored(): void {}

	abstract delayAfterLoss(board: number): number;
	abstract delayAfterFailure(board: number): number | undefined;
}

/** 2 s times the attempts so far, 22 s at most, moved by up to a second either way: drawn once, for good. Never gives up. */
class LinearPolicy extends VendorPolicy {
	readonly #failures: Uint8Array;
	readonly #offsets: Float32Array;

	constructor(boards: number, random: RandomSource) {
		super(random);
		this.#failures = new Uint8Array(boards);
		this.#offsets = Float32Array.from({ length: boards }, () => 2 * random() - 1);
	}

	override delayAfterLoss(board: number): number {
		this.#failures[board] = 0;
		return this.#delay(board);
	}

	override delayAfterFailure(board: number): number {
		this.#failures[board] = Math.min(10, (this.#failures[board] ?? 0) + 1);
		return this.#delay(board);
	}

	#delay(board: number): number {
		return 2 * ((this.#failures[board] ?? 0) + 1) + (this.#offsets[board] ?? 0);
	}
}

/** 1 to 2 s, drawn at the first failure, doubled with each; gives up when that is more than a minute. */
class DoublingPolicy extends VendorPolicy {
	readonly #delays: Float32Array;

	constructor(boards: number, random: RandomSource) {
		super(random);
		this.#delays = new Float32Array(boards);
	}

	override delayAfterLoss(board: number): number {
		return this.#setDelay(board, 1 + this.random());
	}

	override delayAfterFailure(board: number): number | undefined {
		const last = this.#delays[board] ?? 0;
		const next = this.#setDelay(board, last === 0 ? 1 + this.random() : 2 * last);
		return next > 60 ? undefined : next;
	}

	#setDelay(board: number, delay: number): number {
		this.#delays[board] = delay;
		return delay;
	}
}

export const policyFactories: readonly PolicyFactory[] = [
	{ name: "dynreg", create: (boards, startupJitter, random) => new FirmwarePolicy(boards, startupJitter, random) },
	{ name: "2 s x n", create: (boards, _, random) => new LinearPolicy(boards, random) },
	{ name: "1 s doubling", create: (boards, _, random) => new DoublingPolicy(boards, random) },
];
