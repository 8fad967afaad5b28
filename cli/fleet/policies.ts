/** How the boards of a fleet decide when to come: the firmware's own policy, and what vendors' SDKs do. */

import { failed, looked, poweredUp, type Setback, type State, stored, timeKnown } from "dynreg/lifecycle/policy";
import type { Dice } from "./dice.js";

/** What a board has in flash: a credential that has not been accepted yet is fresh. */
export type Kept = "nothing" | "fresh" | "active";

/** Many boards, each known by its number from 0. */
export interface Policy {
	/** Seconds until a board that is switched on makes its first attempt. */
	poweredUp(board: number): number;
	/** Whether its attempt begins with registering. */
	registers(board: number, kept: Kept): boolean;
	/** What it registered for is in flash. */
	stored(board: number): void;
	/** Seconds until the next attempt after a session that had lasted for long. */
	dropped(board: number): number;
	/** Seconds until the next attempt after one that failed, or undefined: it gives up. */
	failed(board: number, setback: Setback): number | undefined;
}

export interface Maker {
	readonly name: string;
	/** @param spread seconds within which the firmware's first attempt comes; vendors' SDKs know no such thing */
	make(boards: number, spread: number, dice: Dice): Policy;
}

const hour = 3_600_000;

/** The firmware's, from `dynreg/lifecycle/policy`. Of a state, the boards keep what lasts from one attempt to the next. */
class Firmware implements Policy {
	readonly #failures: Uint16Array;
	readonly #register: Uint8Array;
	readonly #spread: number;
	readonly #dice: Dice;

	constructor(boards: number, spread: number, dice: Dice) {
		this.#failures = new Uint16Array(boards);
		this.#register = new Uint8Array(boards);
		this.#spread = spread;
		this.#dice = dice;
	}

	poweredUp(board: number): number {
		return this.#keep(board, poweredUp(this.#spread, this.#dice()));
	}

	registers(board: number, kept: Kept): boolean {
		const known = kept === "nothing" ? undefined : { active: kept === "active", refusals: 0 };
		const state = looked(timeKnown(this.#state(board)), known);
		this.#keep(board, state);
		return state.register;
	}

	stored(board: number): void {
		this.#keep(board, stored(this.#state(board)));
	}

	dropped(board: number): number {
		const lost = { code: "connection-lost", action: "retry" } as const;
		return this.#keep(board, failed(this.#state(board), lost, hour, this.#dice()));
	}

	failed(board: number, setback: Setback): number {
		return this.#keep(board, failed(this.#state(board), setback, 0, this.#dice()));
	}

	#state(board: number): State {
		const failures = this.#failures[board] ?? 0;
		return {
			wait: 0,
			action: "retry",
			failures,
			doubted: false,
			asked: false,
			register: this.#register[board] === 1,
			again: "no",
			spread: this.#spread,
		};
	}

	#keep(board: number, { wait, failures, register }: State): number {
		this.#failures[board] = failures;
		this.#register[board] = register ? 1 : 0;
		return wait;
	}
}

/** 2 s times the attempts so far, 22 s at most, moved by up to a second either way: drawn once, for good. Never gives up. */
class Linear implements Policy {
	readonly #failures: Uint8Array;
	readonly #dice: Dice;
	readonly #moved: Float32Array;

	constructor(boards: number, dice: Dice) {
		this.#failures = new Uint8Array(boards);
		this.#moved = Float32Array.from({ length: boards }, () => 2 * dice() - 1);
		this.#dice = dice;
	}

	poweredUp(): number {
		return this.#dice();
	}

	registers(_: number, kept: Kept): boolean {
		return kept === "nothing";
	}

	stored(): void {}

	dropped(board: number): number {
		this.#failures[board] = 0;
		return this.#wait(board);
	}

	failed(board: number): number {
		this.#failures[board] = Math.min(10, (this.#failures[board] ?? 0) + 1);
		return this.#wait(board);
	}

	#wait(board: number): number {
		return 2 * ((this.#failures[board] ?? 0) + 1) + (this.#moved[board] ?? 0);
	}
}

/** 1 to 2 s, drawn at the first failure, doubled with each; gives up when that is more than a minute. */
class Doubling implements Policy {
	readonly #wait: Float32Array;
	readonly #dice: Dice;

	constructor(boards: number, dice: Dice) {
		this.#wait = new Float32Array(boards);
		this.#dice = dice;
	}

	poweredUp(): number {
		return this.#dice();
	}

	registers(_: number, kept: Kept): boolean {
		return kept === "nothing";
	}

	stored(): void {}

	dropped(board: number): number {
		return this.#set(board, 1 + this.#dice());
	}

	failed(board: number): number | undefined {
		const last = this.#wait[board] ?? 0;
		const next = this.#set(board, last === 0 ? 1 + this.#dice() : 2 * last);
		return next > 60 ? undefined : next;
	}

	#set(board: number, wait: number): number {
		this.#wait[board] = wait;
		return wait;
	}
}

export const makers: readonly Maker[] = [
	{ name: "dynreg", make: (boards, spread, dice) => new Firmware(boards, spread, dice) },
	{ name: "2 s x n", make: (boards, _, dice) => new Linear(boards, dice) },
	{ name: "1 s doubling", make: (boards, _, dice) => new Doubling(boards, dice) },
];
