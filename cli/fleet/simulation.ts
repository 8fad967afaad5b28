/**
 * A fleet against one cloud, event by event, in a time of its own.
 *
 * Time goes in slots of a tenth of a second. Each board waits for one thing at a time, so a slot is a list of boards,
 * linked through one array, and the slots are a wheel: 10 bytes a board, whatever happens.
 */

import type { Setback } from "dynreg/lifecycle/policy";
import { type Dice, dice } from "./dice.js";
import type { Kept, Maker, Policy } from "./policies.js";

export interface Scenario {
	readonly name: string;
	/** `cold`: all are switched on within a second, with nothing in flash. `recovery`: all are online, and dropped at once. */
	readonly begins: "cold" | "recovery";
	/** Seconds from the beginning in which nobody answers. */
	readonly outage: number;
	/** Connections a second that the cloud takes; the others are turned away. */
	readonly capacity: number;
	/** Seconds in `Retry-After` of registrations turned away with 503; absent: connections are refused. */
	readonly retryAfter?: number;
}

export interface Options {
	readonly boards: number;
	/** Seconds, 0 to 3600. */
	readonly spread: number;
	readonly seed: number;
}

export interface Outcome {
	readonly policy: string;
	/** Connections that came, second by second. */
	readonly connections: Uint32Array;
	/** Boards online at the end of each second. */
	readonly online: Uint32Array;
	readonly gaveUp: number;
	/** Neither online nor given up when the simulation ended. */
	readonly trying: number;
	/** Connections that came to nothing. */
	readonly wasted: number;
}

/** Slots a second. */
const slotsPerSecond = 10;
/** More than the longest wait: an hour's spread or `Retry-After`, and five minutes. A power of two. */
const wheel = 65_536;
/** Seconds. */
const longest = 6 * 3600;
/** Slots from an accepted registration to the connection that follows it. */
const betweenSteps = 10;

const none = -1;
const kinds: readonly Kept[] = ["nothing", "fresh", "active"];

export function simulate(maker: Maker, scenario: Scenario, options: Options): Outcome {
	return new Fleet(maker, scenario, options).run();
}

class Fleet {
	readonly #name: string;
	readonly #policy: Policy;
	readonly #scenario: Scenario;
	readonly #dice: Dice;
	readonly #boards: number;
	/** First board of each slot, and the next one after each board. */
	readonly #first = new Int32Array(wheel).fill(none);
	readonly #next: Int32Array;
	/** Index in `kinds`. */
	readonly #kept: Uint8Array;
	/** Has just registered: what comes next is the second half of an attempt. */
	readonly #halfway: Uint8Array;
	readonly #connections = new Uint32Array(longest);
	readonly #online = new Uint32Array(longest);
	readonly #register: Setback;
	readonly #connect: Setback;
	#waiting = 0;
	#isOnline = 0;
	#gaveUp = 0;
	#wasted = 0;
	/** Connections that the cloud still takes in this slot. */
	#room = 0;

	constructor(maker: Maker, scenario: Scenario, { boards, spread, seed }: Options) {
		this.#name = maker.name;
		this.#dice = dice(seed);
		this.#policy = maker.make(boards, spread, this.#dice);
		this.#scenario = scenario;
		this.#boards = boards;
		this.#next = new Int32Array(boards);
		this.#kept = new Uint8Array(boards);
		this.#halfway = new Uint8Array(boards);
		const { retryAfter } = scenario;
		const refused = { code: "connect-failed", action: "retry" } as const;
		this.#register = retryAfter === undefined ? refused : { code: "http-status", action: "wait", retryAfter };
		this.#connect = retryAfter === undefined ? refused : { code: "broker-unavailable", action: "wait" };
	}

	run(): Outcome {
		const cold = this.#scenario.begins === "cold";
		if (!cold) this.#kept.fill(kinds.indexOf("active"));
		for (let board = 0; board < this.#boards; board++)
			this.#wait(board, 0, cold ? this.#dice() + this.#policy.poweredUp(board) : this.#policy.dropped(board));
		let slot = 0;
		for (; this.#waiting > 0 && slot < longest * slotsPerSecond; slot++) {
			this.#pass(slot);
			this.#online[Math.floor(slot / slotsPerSecond)] = this.#isOnline;
		}
		const seconds = Math.ceil(slot / slotsPerSecond);
		return {
			policy: this.#name,
			connections: this.#connections.slice(0, seconds),
			online: this.#online.slice(0, seconds),
			gaveUp: this.#gaveUp,
			trying: this.#waiting,
			wasted: this.#wasted,
		};
	}

	#pass(slot: number): void {
		const { outage, capacity } = this.#scenario;
		const taken = (slots: number) => Math.floor((capacity * slots) / slotsPerSecond);
		this.#room = slot < outage * slotsPerSecond ? 0 : taken(slot + 1) - taken(slot);
		let board = this.#first[slot % wheel] ?? none;
		this.#first[slot % wheel] = none;
		while (board !== none) {
			// It is in another list by the time it has had its turn.
			const next = this.#next[board] ?? none;
			this.#waiting--;
			this.#turn(board, slot);
			board = next;
		}
	}

	#turn(board: number, slot: number): void {
		const second = Math.floor(slot / slotsPerSecond);
		this.#connections[second] = (this.#connections[second] ?? 0) + 1;
		const kept = kinds[this.#kept[board] ?? 0] as Kept;
		const register = !this.#halfway[board] && this.#policy.registers(board, kept);
		this.#halfway[board] = 0;
		if (this.#room === 0) {
			this.#wasted++;
			// While nobody answers at all, nobody answers with a status either.
			const silent = slot < this.#scenario.outage * slotsPerSecond;
			const setback = silent ? nobodyAnswers : register ? this.#register : this.#connect;
			const seconds = this.#policy.failed(board, setback);
			if (seconds === undefined) this.#gaveUp++;
			else this.#wait(board, slot, seconds);
			return;
		}
		this.#room--;
		if (register) {
			this.#kept[board] = kinds.indexOf("fresh");
			this.#policy.stored(board);
			this.#halfway[board] = 1;
			this.#wait(board, slot, betweenSteps / slotsPerSecond);
			return;
		}
		this.#kept[board] = kinds.indexOf("active");
		this.#isOnline++;
	}

	#wait(board: number, slot: number, seconds: number): void {
		const slots = Math.max(1, Math.ceil(seconds * slotsPerSecond));
		if (slots >= wheel) throw new Error(`a board waits for ${seconds} s: longer than the simulation can`);
		const index = (slot + slots) % wheel;
		this.#next[board] = this.#first[index] ?? none;
		this.#first[index] = board;
		this.#waiting++;
	}
}

const nobodyAnswers: Setback = { code: "connect-failed", action: "retry" };

/** The most connections in one second. */
export function peak({ connections }: Outcome): number {
	return connections.reduce((most, each) => Math.max(most, each), 0);
}

/** Seconds from the beginning until this share of the fleet is online; undefined if it never is. */
export function timeUntil(share: number, { online }: Outcome, boards: number): number | undefined {
	const second = online.findIndex((each) => each >= share * boards);
	return second === -1 ? undefined : second + 1;
}
