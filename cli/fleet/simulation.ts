/**
 * A fleet against one cloud, event by event, in a time of its own.
 *
 * Time goes in slots of a tenth of a second. Each board waits for one thing at a time, so a slot is a list of boards,
 * linked through one array, and the slots are a wheel: 10 bytes a board, whatever happens.
 */

import type { FailureInfo } from "dynreg/lifecycle/policy";
import type { FleetPolicy, PolicyFactory, StoredCredential } from "./policies.js";
import { type RandomSource, seededRandom } from "./seeded-random.js";

export interface FleetScenario {
	readonly name: string;
	/** `cold`: all are switched on within a second, with nothing in flash. `recovery`: all are online, and dropped at once. */
	readonly begins: "cold" | "recovery";
	/** Seconds from the beginning in which nobody answers. */
	readonly outage: number;
	/** Connections a second that the cloud takes; the others are turned away. */
	readonly capacity: number;
	/** Full TLS handshakes a second that the cloud can compute. */
	readonly fullHandshakes: number;
	/** What a resumed handshake costs the cloud, as a share of a full one; 1 for a cloud that resumes no sessions. */
	readonly resumedCost: number;
	/** Seconds in `Retry-After` of registrations turned away with 503; absent: connections are refused. */
	readonly retryAfter?: number;
}

export interface SimulationOptions {
	readonly boards: number;
	/** Seconds, 0 to 3600. */
	readonly startupJitter: number;
	readonly seed: number;
}

export interface SimulationResult {
	readonly policy: string;
	/** Connections that came, second by second. */
	readonly connections: Uint32Array;
	/** Boards online at the end of each second. */
	readonly online: Uint32Array;
	readonly gaveUp: number;
	/** Neither online nor given up when the simulation ended. */
	readonly trying: number;
	/** Connections that came to nothing because nobody answered. */
	readonly unanswered: number;
	/** Connections that the cloud turned away. */
	readonly turnedAway: number;
	/** The cloud's price of all handshakes, in full ones. A refused connection costs none; a 503 comes after a handshake. */
	readonly handshakes: number;
}

/** Slots a second. */
const slotsPerSecond = 10;
/** More than the longest wait: an hour's startup jitter or `Retry-After`, and five minutes. A power of two. */
const wheelSlots = 65_536;
/** Seconds. */
const maxSeconds = 6 * 3600;
/** Slots from an accepted registration to the connection that follows it. */
const slotsUntilConnect = 10;

const none = -1;
const credentialStates: readonly StoredCredential[] = ["nothing", "fresh", "active"];

export function simulateFleet(
	factory: PolicyFactory,
	scenario: FleetScenario,
	options: SimulationOptions,
): SimulationResult {
	return new FleetSimulation(factory, scenario, options).run();
}

class FleetSimulation {
	readonly #name: string;
	readonly #policy: FleetPolicy;
	readonly #scenario: FleetScenario;
	readonly #random: RandomSource;
	readonly #boards: number;
	/** First board of each slot, and the next one after each board. */
	readonly #first = new Int32Array(wheelSlots).fill(none);
	readonly #next: Int32Array;
	/** Index in `kinds`. */
	readonly #credentials: Uint8Array;
	/** Has just registered: what comes next is the second half of an attempt. */
	readonly #hasJustRegistered: Uint8Array;
	readonly #connections = new Uint32Array(maxSeconds);
	readonly #online = new Uint32Array(maxSeconds);
	readonly #register: FailureInfo;
	readonly #connect: FailureInfo;
	#waiting = 0;
	#isOnline = 0;
	#gaveUp = 0;
	#unanswered = 0;
	#turnedAway = 0;
	#handshakes = 0;
	/** Boards whose turn in this slot is yet to come. */
	#comingInSlot = 0;
	/** Connections that the cloud still takes in this slot. */
	#capacityLeft = 0;
	/** Full handshakes that the cloud can still compute in this slot. */
	#handshakesLeft = 0;

	constructor(factory: PolicyFactory, scenario: FleetScenario, { boards, startupJitter, seed }: SimulationOptions) {
		this.#name = factory.name;
		this.#random = seededRandom(seed);
		this.#policy = factory.create(boards, startupJitter, this.#random);
		this.#scenario = scenario;
		this.#boards = boards;
		this.#next = new Int32Array(boards);
		this.#credentials = new Uint8Array(boards);
		this.#hasJustRegistered = new Uint8Array(boards);
		const { retryAfter } = scenario;
		const refused = { code: "connect-failed", action: "retry" } as const;
		this.#register = retryAfter === undefined ? refused : { code: "http-status", action: "wait", retryAfter };
		this.#connect = retryAfter === undefined ? refused : { code: "broker-unavailable", action: "wait" };
	}

	run(): SimulationResult {
		const cold = this.#scenario.begins === "cold";
		if (!cold) this.#credentials.fill(credentialStates.indexOf("active"));
		for (let board = 0; board < this.#boards; board++)
			this.#wait(board, 0, cold ? this.#random() + this.#policy.firstDelay(board) : this.#policy.delayAfterLoss(board));
		let slot = 0;
		for (; this.#waiting > 0 && slot < maxSeconds * slotsPerSecond; slot++) {
			this.#runSlot(slot);
			this.#online[Math.floor(slot / slotsPerSecond)] = this.#isOnline;
		}
		const seconds = Math.ceil(slot / slotsPerSecond);
		return {
			policy: this.#name,
			connections: this.#connections.slice(0, seconds),
			online: this.#online.slice(0, seconds),
			gaveUp: this.#gaveUp,
			trying: this.#waiting,
			unanswered: this.#unanswered,
			turnedAway: this.#turnedAway,
			handshakes: this.#handshakes,
		};
	}

	#runSlot(slot: number): void {
		const { outage, capacity, fullHandshakes } = this.#scenario;
		const taken = (slots: number) => Math.floor((capacity * slots) / slotsPerSecond);
		const silent = slot < outage * slotsPerSecond;
		// A cloud without work saves no more than the rest of a handshake.
		this.#handshakesLeft = Math.min(1, this.#handshakesLeft) + fullHandshakes / slotsPerSecond;
		this.#capacityLeft = Math.min(
			taken(slot + 1) - taken(slot),
			Math.floor(this.#handshakesLeft / handshakeCost(this.#scenario)),
		);
		let board = this.#first[slot % wheelSlots] ?? none;
		this.#first[slot % wheelSlots] = none;
		this.#comingInSlot = this.#countFrom(board);
		while (board !== none) {
			// It is in another list by the time it has had its turn.
			const next = this.#next[board] ?? none;
			this.#waiting--;
			this.#runAttempt(board, slot, silent);
			board = next;
		}
	}

	#countFrom(board: number): number {
		let count = 0;
		for (let each = board; each !== none; each = this.#next[each] ?? none) count++;
		return count;
	}

	#runAttempt(board: number, slot: number, silent: boolean): void {
		const second = Math.floor(slot / slotsPerSecond);
		this.#connections[second] = (this.#connections[second] ?? 0) + 1;
		const credential = credentialStates[this.#credentials[board] ?? 0] as StoredCredential;
		const register = !this.#hasJustRegistered[board] && this.#policy.shouldRegister(board, credential);
		this.#hasJustRegistered[board] = 0;
		const accepted = !silent && this.#isAccepted();
		if (accepted || (!silent && this.#scenario.retryAfter !== undefined))
			this.#handshakes += handshakeCost(this.#scenario);
		if (!accepted) {
			if (silent) this.#unanswered++;
			else this.#turnedAway++;
			// While nobody answers at all, nobody answers with a status either.
			const setback = silent ? noResponse : register ? this.#register : this.#connect;
			const seconds = this.#policy.delayAfterFailure(board, setback);
			if (seconds === undefined) this.#gaveUp++;
			else this.#wait(board, slot, seconds);
			return;
		}
		this.#capacityLeft--;
		this.#handshakesLeft -= handshakeCost(this.#scenario);
		if (register) {
			this.#credentials[board] = credentialStates.indexOf("fresh");
			this.#policy.onStored(board);
			this.#hasJustRegistered[board] = 1;
			this.#wait(board, slot, slotsUntilConnect / slotsPerSecond);
			return;
		}
		this.#credentials[board] = credentialStates.indexOf("active");
		this.#isOnline++;
	}

	/** Those who come within a slot come in any order: each of them has the same chance of a place. */
	#isAccepted(): boolean {
		const coming = this.#comingInSlot--;
		return this.#capacityLeft >= coming || this.#random() * coming < this.#capacityLeft;
	}

	#wait(board: number, slot: number, seconds: number): void {
		const slots = Math.max(1, Math.ceil(seconds * slotsPerSecond));
		if (slots >= wheelSlots) throw new Error(`A board waits for ${seconds} s, longer than the simulation allows.`);
		const index = (slot + slots) % wheelSlots;
		this.#next[board] = this.#first[index] ?? none;
		this.#first[index] = board;
		this.#waiting++;
	}
}

const noResponse: FailureInfo = { code: "connect-failed", action: "retry" };

/** After power-up a board has no TLS session to resume; after an outage it has. */
function handshakeCost({ begins, resumedCost }: FleetScenario): number {
	return begins === "cold" ? 1 : resumedCost;
}

/** Seconds from the end of the outage until all boards could be online, if one came as soon as another was served. */
export function leastSeconds(scenario: FleetScenario, boards: number): number {
	const { begins, capacity, fullHandshakes } = scenario;
	const connections = begins === "cold" ? 2 : 1;
	return (connections * boards) / Math.min(capacity, fullHandshakes / handshakeCost(scenario));
}

/** The most connections in one second. @param from the first second that counts */
export function peakConnections({ connections }: SimulationResult, from = 0): number {
	return connections.subarray(from).reduce((most, each) => Math.max(most, each), 0);
}

/** Seconds from the beginning until this share of the fleet is online; undefined if it never is. */
export function secondsUntilOnline(share: number, { online }: SimulationResult, boards: number): number | undefined {
	const second = online.findIndex((each) => each >= share * boards);
	return second === -1 ? undefined : second + 1;
}
