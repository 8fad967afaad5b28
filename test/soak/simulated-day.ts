/**
 * A board's day in a time of its own: the firmware on the bare XS engine, the decisions of the local cloud, a flash
 * whose power can be cut within each write, and whatever a day has in store (`weather.ts`). Only time and chance are
 * made up.
 */

import { fileURLToPath } from "node:url";
import { type RandomSource, seededRandom } from "@dynreg/cli/internal/fleet/seeded-random";
import { runScript, type XsBoard } from "@dynreg/xs/internal/board";
import { bundle } from "@dynreg/xs/internal/bundle";
import type { Phase } from "dynreg/contracts/error";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Host, Http, Milliseconds, Mqtt, MqttEvents, Storage } from "dynreg/contracts/host";
import { refusedConnack } from "dynreg/core/connection-errors";
import { Failure } from "dynreg/core/errors";
import { openVault } from "dynreg/credential-store/vault";
import { maxDelay, minDelay } from "dynreg/lifecycle/policy";
import { type CloudObserver, InMemoryCloud, identity } from "../power/in-memory-cloud.js";
import { createInvariantChecker } from "../power/invariant-checker.js";
import type { FlowStep } from "../power/power-cut-flows.js";
import { recordOutput } from "../secrets/watch.js";
import { InMemoryFlash, PowerCut } from "../support/flash.js";
import { inMemoryHost, startTime } from "../support/memory-host.js";
import { crypto } from "../support/node-crypto.js";
import { VirtualTime, virtualClock } from "../support/virtual-time.js";
import { type ChaosPhase, chaosSchedule, noChaos, pickWeighted, randomInterval } from "./chaos-schedule.js";

export interface SimulatedDayOptions {
	/** Who the board is. */
	readonly life: FlowStep;
	readonly hours: number;
	readonly seed: number;
}

/** What has become of it. Times are virtual. */
export interface SimulatedDayResult {
	readonly attempts: number;
	readonly sessions: number;
	readonly registrations: number;
	readonly powerCuts: number;
	/** Of them, within a write to flash. */
	readonly cutsInWrites: number;
	/** What went wrong, and how often, by code. */
	readonly failures: ReadonlyMap<string, number>;
	/** Share of the day. */
	readonly online: number;
	/** Seconds from when nothing was in its way any more to being online, the longest. */
	readonly longestReturn: number;
	/** It is online at the end, with what is in its flash. */
	readonly onlineAtEnd: boolean;
	/** What should not have been, in words. */
	readonly violations: readonly string[];
	/** Slots in use, after a garbage collection, in each session; a list for each life between two power cuts. */
	readonly heaps: readonly (readonly number[])[];
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
/** How often something comes, on average. */
const means = {
	weather: 12 * minute,
	session: 15 * minute,
	unsteadySession: 20 * second,
	powerCut: 45 * minute,
	clockJump: 2 * hour,
	rotation: 8 * hour,
	mistake: 2 * hour,
} as const;
/** Nothing goes wrong for so long before the end: longer than ten refusals and what follows them. */
const calmPeriod = 90 * minute;
/** Longer than a server may take in fair weather. */
const latencyTolerance = 10 * second;

const program = fileURLToPath(new URL("./xs-board.js", import.meta.url));

export async function simulateDay({ life, hours, seed }: SimulatedDayOptions): Promise<SimulatedDayResult> {
	return new DaySimulation(life, hours * hour, seededRandom(seed), await bundle(program)).run();
}

class DaySimulation {
	readonly #life: FlowStep;
	readonly #end: Milliseconds;
	readonly #random: RandomSource;
	readonly #script: string;
	readonly #time = new VirtualTime();
	readonly #cloud: InMemoryCloud;
	readonly #flash = new InMemoryFlash(4000);
	readonly #checker: CloudObserver;
	#board: XsBoard | undefined;
	/** What belongs to an earlier life of the board does not happen any more. */
	#boots = 0;
	#session: MqttEvents | undefined;
	#chaos = noChaos;
	/** The board's; it may be wrong. */
	readonly #clock = virtualClock(this.#time, startTime);
	/** Since when nothing but what the board itself has yet to find out is in its way; undefined: something is. */
	#wellSince: Milliseconds | undefined = 0;
	/** The platform, or the clock, has something in store that the board gets over by trying. */
	#disturbed = false;
	#onlineSince: Milliseconds | undefined;
	#offlineSince: Milliseconds = 0;
	/** When the next attempt comes, by what the board has said. */
	#waitsUntil: Milliseconds = 0;
	#attemptSince: Milliseconds | undefined;
	/** What the servers asked for in this attempt. */
	#requestedDelay: Milliseconds = 0;

	#online: Milliseconds = 0;
	#longestReturn: Milliseconds = 0;
	#attempts = 0;
	#sessions = 0;
	#registrations = 0;
	#cuts = 0;
	#cutsInWrites = 0;
	readonly #failures = new Map<string, number>();
	readonly #wrong = new Set<string>();
	readonly #heaps: number[][] = [];

	constructor(life: FlowStep, end: Milliseconds, dice: RandomSource, script: string) {
		this.#life = life;
		this.#end = end;
		this.#random = dice;
		this.#script = script;
		this.#cloud = new InMemoryCloud(undefined, () => startTime + this.#time.now());
		this.#cloud.addProduct(life.name.platform, life.name.product, String(life.configuration.productSecret));
		this.#checker = createInvariantChecker(this.#flash, this.#cloud, (invariant) => this.#wrong.add(invariant)).witness;
	}

	async run(): Promise<SimulatedDayResult> {
		this.#powerUp();
		this.#repeat(means.weather, () => this.#setChaos(pickWeighted(chaosSchedule, this.#random)));
		this.#repeat(means.powerCut, () => this.#schedulePowerCut());
		this.#repeat(means.clockJump, () => this.#jump());
		this.#repeat(means.rotation, () => this.#rotate());
		this.#repeat(means.mistake, () => this.#makeMistakes());
		this.#time.after(this.#end - calmPeriod, () => this.#setChaos(noChaos));
		this.#time.after(this.#end, () => {});
		while (this.#time.now() < this.#end) {
			await this.#settle();
			this.#time.runNext();
		}
		await this.#settle();
		const onlineAtEnd = this.#onlineSince !== undefined && this.#holds();
		this.#offline();
		this.#board?.kill();
		await this.#board?.exited;
		return {
			attempts: this.#attempts,
			sessions: this.#sessions,
			registrations: this.#registrations,
			powerCuts: this.#cuts,
			cutsInWrites: this.#cutsInWrites,
			failures: this.#failures,
			online: this.#online / this.#end,
			longestReturn: this.#longestReturn / second,
			onlineAtEnd,
			violations: [...this.#wrong],
			heaps: this.#heaps,
		};
	}

	/** Until the engine has nothing to do any more, nor has what it asked of ports that take no time. */
	async #settle(): Promise<void> {
		for (let before = -1; ; ) {
			for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
			const steps = (await this.#board?.meters())?.compute ?? 0;
			if (steps === before) return;
			before = steps;
		}
	}

	/** Once in so long, on average, until all is to be well. */
	#repeat(mean: Milliseconds, happens: () => void): void {
		this.#time.after(randomInterval(mean, this.#random), () => {
			if (this.#time.now() >= this.#end - calmPeriod) return;
			happens();
			this.#repeat(mean, happens);
		});
	}

	#powerUp(): void {
		this.#heaps.push([]);
		this.#attemptSince = undefined;
		this.#waitsUntil = this.#time.now();
		const board = runScript(this.#script, this.#host(), this.#life.configuration);
		const life = this.#boots;
		this.#board = board;
		board.exited.then(({ message }) => {
			if (life === this.#boots && message) this.#wrong.add(`the firmware has come to an end: ${message}`);
		});
	}

	#cut(): void {
		this.#boots++;
		this.#cuts++;
		this.#offline();
		this.#session = undefined;
		this.#flash.stepsUntilCut = Number.POSITIVE_INFINITY;
		this.#board?.kill();
		this.#board = undefined;
		this.#time.after(randomInterval(10 * second, this.#random), () => {
			this.#offlineSince = this.#time.now();
			this.#powerUp();
		});
	}

	/** At once, or within one of the next writes. */
	#schedulePowerCut(): void {
		if (this.#board === undefined) return;
		if (this.#random() < 0.5) this.#cut();
		else this.#flash.stepsUntilCut = this.#flash.steps + Math.floor(this.#random() * 30);
	}

	#setChaos(weather: ChaosPhase): void {
		this.#chaos = weather;
		this.#wellSince = weather === noChaos ? this.#time.now() : undefined;
		if (weather.network === 1 || weather.servers === 1) this.#dropSession();
	}

	#jump(): void {
		this.#clock.set((this.#clock.now() ?? 0) + (this.#random() - 0.5) * 4 * 365 * 24 * hour);
		this.#disturbed = true;
	}

	/** The board's credential is invalid; a person resets the device once its registration has been refused twice. */
	#rotate(): void {
		if (!this.#holds()) return;
		this.#cloud.rotate(this.#life.name);
		this.#cloud.resetAfterRefusals(2);
		this.#disturbed = true;
		this.#dropSession();
	}

	#makeMistakes(): void {
		this.#cloud.refuseNext(1 + Math.floor(this.#random() * 3));
		this.#disturbed = true;
		this.#dropSession();
	}

	#holds(): boolean {
		try {
			const record = openVault(this.#flash, crypto, identity(this.#life.name)).load();
			return record !== undefined && this.#cloud.accepts(this.#life.name, record.credential);
		} catch {
			return false;
		}
	}

	#offline(): void {
		if (this.#onlineSince === undefined) return;
		this.#online += this.#time.now() - this.#onlineSince;
		this.#onlineSince = undefined;
		this.#offlineSince = this.#time.now();
	}

	/** The connection breaks. */
	#dropSession(): void {
		const session = this.#session;
		this.#session = undefined;
		session?.closed(new Failure("session", "connection-lost", "retry", { said: "dropped" }));
	}

	/** Ports that do what the weather lets them. */
	#host(): Host {
		const life = this.#boots;
		/** So much later, if the board has not lost its power meanwhile. */
		const later = (delay: Milliseconds) =>
			new Promise<void>((resolve) => {
				this.#time.after(delay, () => {
					if (life === this.#boots) resolve();
				});
			});
		const answers = () => later(20 + this.#random() * 500);
		const fails = (share: number | undefined) => this.#random() < (share ?? 0);
		const witness: CloudObserver = {
			registering: (name) => {
				this.#registrations++;
				this.#checker.registering(name);
			},
			connecting: (name) => this.#checker.connecting(name),
			connected: (name) => this.#checker.connected(name),
		};
		/** @returns seconds of patience that a busy server asks for, if it is one @throws Failure if nobody is there */
		const reach = async (phase: Phase, deadline: Milliseconds): Promise<number | undefined> => {
			const { servers, failures = [] } = this.#chaos;
			if (!fails(servers)) {
				await answers();
				return undefined;
			}
			const trouble = failures[Math.floor(this.#random() * failures.length)];
			await later(this.#random() * deadline);
			if (trouble === undefined || "retryAfter" in trouble) return trouble?.retryAfter ?? 0;
			throw new Failure(phase, trouble.code, trouble.action);
		};
		const http = this.#cloud.http(witness, () => fails(this.#chaos.truncated));
		const mqtt = this.#cloud.mqtt(witness);
		return inMemoryHost(this.#time, {
			random: (count) => Uint8Array.from({ length: count }, () => Math.floor(this.#random() * 256)),
			http: { request: (request, deadline) => this.#request(http, request, () => reach("register", deadline)) },
			mqtt: {
				connect: async (options, events, deadline) => {
					const busy = await reach("connect", deadline);
					if (busy !== undefined) throw refusedConnack(options.endpoint, 3);
					return this.#connect(mqtt, options, events, deadline, later);
				},
			},
			storage: this.#storage(fails),
			clock: {
				...this.#clock,
				sync: async (_, force) => {
					if (!force) return;
					await answers();
					if (fails(this.#chaos.time)) throw new Failure("clock", "clock-unknown", "retry", { said: "no time server" });
					this.#clock.set(startTime + this.#time.now());
				},
			},
			timers: {
				after: (delay, action) =>
					this.#time.after(delay, () => {
						if (life === this.#boots) action();
					}),
			},
			network: {
				mac: () => undefined,
				up: async (deadline) => {
					this.#attempt();
					await later(this.#random() * (this.#chaos.network ? deadline : 2 * second));
					if (fails(this.#chaos.network)) throw new Failure("network", "no-network", "retry", { said: "no Wi-Fi" });
				},
			},
			log: (event) => this.#onEvent(event),
		});
	}

	async #request(http: Http, request: Parameters<Http["request"]>[0], reach: () => Promise<number | undefined>) {
		const busy = await reach();
		if (busy === undefined) return await http.request(request, 0);
		const seconds = Math.ceil(this.#random() * busy);
		this.#requestedDelay = seconds * second;
		return { status: 503, body: new Uint8Array(0), ...(busy ? { retryAfter: String(seconds) } : {}) };
	}

	async #connect(
		mqtt: Mqtt,
		options: Parameters<Mqtt["connect"]>[0],
		events: MqttEvents,
		deadline: Milliseconds,
		later: (delay: Milliseconds) => Promise<void>,
	) {
		const topics: string[] = [];
		const told = (topic: string, payload: Uint8Array) => {
			events.message(topic, payload);
		};
		const connection = await mqtt.connect(
			options,
			{ message: told, closed: (failure) => events.closed(failure) },
			deadline,
		);
		this.#session = events;
		const isOpen = () => this.#session === events;
		const mean = this.#chaos.unsteady ? means.unsteadySession : means.session;
		later(randomInterval(mean, this.#random)).then(() => {
			if (isOpen() && this.#time.now() < this.#end - calmPeriod) this.#dropSession();
		});
		// By then it is online; its commands are the first that it has subscribed to.
		later(2 * second).then(() => {
			const [commands] = topics;
			if (isOpen() && commands !== undefined) told(commands, crypto.utf8('{"look":"at the heap"}'));
		});
		return {
			...connection,
			subscribe: async (topic: string): Promise<0> => {
				topics.push(topic);
				return 0;
			},
			close: () => {
				if (isOpen()) this.#session = undefined;
			},
		};
	}

	#storage(fails: (share: number | undefined) => boolean): Storage {
		const flash = this.#flash;
		const written = (write: () => void) => {
			if (fails(this.#chaos.flash)) throw new Failure("store", "storage-failed", "retry", { said: "the flash fails" });
			try {
				write();
			} catch (error) {
				if (error instanceof PowerCut) {
					this.#cutsInWrites++;
					this.#cut();
				}
				throw error;
			}
		};
		return {
			maxValueBytes: flash.maxValueBytes,
			get: (key) => flash.get(key),
			// What the engine has sent is a part of a Buffer, whose slices are no copies.
			set: (key, value) => written(() => flash.set(key, Uint8Array.from(value))),
			delete: (key) => written(() => flash.delete(key)),
		};
	}

	#attempt(): void {
		const now = this.#time.now();
		this.#attempts++;
		if (this.#attemptSince !== undefined && now - this.#attemptSince < minDelay * second)
			this.#wrong.add(`7: two attempts within ${now - this.#attemptSince} ms`);
		this.#attemptSince = now;
		this.#requestedDelay = 0;
	}

	#onEvent(event: BoardEvent): void {
		recordOutput(JSON.stringify(event));
		switch (event.event) {
			case "message":
				this.#measureHeap();
				break;
			case "online":
				this.#isOnline();
				break;
			case "offline":
				this.#offline();
				this.#checkRetry(event);
				break;
			case "failed":
				this.#checkRetry(event);
				break;
			default:
		}
	}

	#isOnline(): void {
		const now = this.#time.now();
		this.#sessions++;
		this.#onlineSince = now;
		if (this.#wellSince !== undefined && !this.#disturbed)
			this.#longestReturn = Math.max(this.#longestReturn, now - Math.max(this.#wellSince, this.#offlineSince));
		if (this.#isPlain() && now > this.#waitsUntil + latencyTolerance)
			this.#wrong.add(`7: ${now - this.#waitsUntil} ms late though all was well`);
		this.#disturbed = false;
	}

	/** All has been well since this attempt began. */
	#isPlain(): boolean {
		const now = this.#time.now();
		return this.#wellSince !== undefined && !this.#disturbed && (this.#attemptSince ?? now) > this.#wellSince;
	}

	/** Whether it waits as long as it must, and no longer (invariant 7). */
	#checkRetry({ event, code, retryIn }: Extract<BoardEvent, { readonly event: "failed" | "offline" }>): void {
		this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
		if (retryIn === undefined) return;
		const now = this.#time.now();
		this.#waitsUntil = now + retryIn * second;
		if (event === "failed" && this.#isPlain()) this.#wrong.add(`7: ${code} though all was well`);
		const asked = this.#requestedDelay / second;
		if (retryIn < Math.max(minDelay, asked))
			this.#wrong.add(`7: ${code}: tries again in ${retryIn} s, asked for ${asked}`);
		if (retryIn > maxDelay + asked) this.#wrong.add(`7: ${code}: waits for ${retryIn} s, asked for ${asked}`);
	}

	/** The engine has collected its garbage. */
	#measureHeap(): void {
		const heaps = this.#heaps.at(-1);
		this.#board?.meters().then(({ heapCount }) => heaps?.push(heapCount));
	}
}
