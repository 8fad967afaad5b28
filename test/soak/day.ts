/**
 * A board's day in a time of its own: the firmware on the bare XS engine, the decisions of the local cloud, a flash
 * whose power can be cut within each write, and whatever a day has in store (`weather.ts`). Only time and chance are
 * made up.
 */

import { fileURLToPath } from "node:url";
import { type Dice, dice } from "@dynreg/cli/internal/fleet/dice";
import { run, type XsBoard } from "@dynreg/xs/internal/board";
import { bundle } from "@dynreg/xs/internal/bundle";
import type { Phase } from "dynreg/contracts/error";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Host, Http, Milliseconds, Mqtt, MqttEvents, Storage } from "dynreg/contracts/host";
import { refusedConnack } from "dynreg/core/connection-errors";
import { Failure } from "dynreg/core/errors";
import { openVault } from "dynreg/credential-store/vault";
import { longestDelay, shortestDelay } from "dynreg/lifecycle/policy";
import { identity, PaperCloud, type Witness } from "../power/cloud.js";
import type { FlowLife } from "../power/flows.js";
import { watch } from "../power/witness.js";
import { print } from "../secrets/watch.js";
import { Flash, PowerCut } from "../support/flash.js";
import { beginning, memoryHost } from "../support/memory-host.js";
import { crypto } from "../support/node-crypto.js";
import { VirtualTime, virtualClock } from "../support/virtual-time.js";
import { draw, fair, type Weather, waitFor, weathers } from "./weather.js";

export interface DayOptions {
	/** Who the board is. */
	readonly life: FlowLife;
	readonly hours: number;
	readonly seed: number;
}

/** What has become of it. Times are virtual. */
export interface Day {
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
	readonly well: boolean;
	/** What should not have been, in words. */
	readonly wrong: readonly string[];
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
const calm = 90 * minute;
/** Longer than a server may take in fair weather. */
const slack = 10 * second;

const program = fileURLToPath(new URL("./xs-board.js", import.meta.url));

export async function liveThrough({ life, hours, seed }: DayOptions): Promise<Day> {
	return new World(life, hours * hour, dice(seed), await bundle(program)).run();
}

class World {
	readonly #life: FlowLife;
	readonly #end: Milliseconds;
	readonly #dice: Dice;
	readonly #script: string;
	readonly #time = new VirtualTime();
	readonly #cloud: PaperCloud;
	readonly #flash = new Flash(4000);
	readonly #witness: Witness;
	#board: XsBoard | undefined;
	/** What belongs to an earlier life of the board does not happen any more. */
	#lives = 0;
	#session: MqttEvents | undefined;
	#weather = fair;
	/** The board's; it may be wrong. */
	readonly #clock = virtualClock(this.#time, beginning);
	/** Since when nothing but what the board itself has yet to find out is in its way; undefined: something is. */
	#wellSince: Milliseconds | undefined = 0;
	/** The platform, or the clock, has something in store that the board gets over by trying. */
	#surprised = false;
	#onlineSince: Milliseconds | undefined;
	#offlineSince: Milliseconds = 0;
	/** When the next attempt comes, by what the board has said. */
	#waitsUntil: Milliseconds = 0;
	#attemptSince: Milliseconds | undefined;
	/** What the servers asked for in this attempt. */
	#asked: Milliseconds = 0;

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

	constructor(life: FlowLife, end: Milliseconds, dice: Dice, script: string) {
		this.#life = life;
		this.#end = end;
		this.#dice = dice;
		this.#script = script;
		this.#cloud = new PaperCloud(undefined, () => beginning + this.#time.now());
		this.#cloud.put(life.name.platform, life.name.product, String(life.configuration.productSecret));
		this.#witness = watch(this.#flash, this.#cloud, (invariant) => this.#wrong.add(invariant)).witness;
	}

	async run(): Promise<Day> {
		this.#powerUp();
		this.#again(means.weather, () => this.#change(draw(weathers, this.#dice)));
		this.#again(means.powerCut, () => this.#cutSoon());
		this.#again(means.clockJump, () => this.#jump());
		this.#again(means.rotation, () => this.#rotate());
		this.#again(means.mistake, () => this.#makeMistakes());
		this.#time.after(this.#end - calm, () => this.#change(fair));
		this.#time.after(this.#end, () => {});
		while (this.#time.now() < this.#end) {
			await this.#quiet();
			this.#time.next();
		}
		await this.#quiet();
		const well = this.#onlineSince !== undefined && this.#holds();
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
			well,
			wrong: [...this.#wrong],
			heaps: this.#heaps,
		};
	}

	/** Until the engine has nothing to do any more, nor has what it asked of ports that take no time. */
	async #quiet(): Promise<void> {
		for (let before = -1; ; ) {
			for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
			const steps = (await this.#board?.meters())?.compute ?? 0;
			if (steps === before) return;
			before = steps;
		}
	}

	/** Once in so long, on average, until all is to be well. */
	#again(mean: Milliseconds, happens: () => void): void {
		this.#time.after(waitFor(mean, this.#dice), () => {
			if (this.#time.now() >= this.#end - calm) return;
			happens();
			this.#again(mean, happens);
		});
	}

	#powerUp(): void {
		this.#heaps.push([]);
		this.#attemptSince = undefined;
		this.#waitsUntil = this.#time.now();
		const board = run(this.#script, this.#host(), this.#life.configuration);
		const life = this.#lives;
		this.#board = board;
		board.exited.then(({ message }) => {
			if (life === this.#lives && message) this.#wrong.add(`the firmware has come to an end: ${message}`);
		});
	}

	#cut(): void {
		this.#lives++;
		this.#cuts++;
		this.#offline();
		this.#session = undefined;
		this.#flash.fuse = Number.POSITIVE_INFINITY;
		this.#board?.kill();
		this.#board = undefined;
		this.#time.after(waitFor(10 * second, this.#dice), () => {
			this.#offlineSince = this.#time.now();
			this.#powerUp();
		});
	}

	/** At once, or within one of the next writes. */
	#cutSoon(): void {
		if (this.#board === undefined) return;
		if (this.#dice() < 0.5) this.#cut();
		else this.#flash.fuse = this.#flash.steps + Math.floor(this.#dice() * 30);
	}

	#change(weather: Weather): void {
		this.#weather = weather;
		this.#wellSince = weather === fair ? this.#time.now() : undefined;
		if (weather.network === 1 || weather.servers === 1) this.#drop();
	}

	#jump(): void {
		this.#clock.set((this.#clock.now() ?? 0) + (this.#dice() - 0.5) * 4 * 365 * 24 * hour);
		this.#surprised = true;
	}

	/** What the board holds counts no more; somebody resets the device once its registration has been refused twice. */
	#rotate(): void {
		if (!this.#holds()) return;
		this.#cloud.rotate(this.#life.name);
		this.#cloud.resetAfter(2);
		this.#surprised = true;
		this.#drop();
	}

	#makeMistakes(): void {
		this.#cloud.makeMistakes(1 + Math.floor(this.#dice() * 3));
		this.#surprised = true;
		this.#drop();
	}

	#holds(): boolean {
		try {
			const record = openVault(this.#flash, crypto, identity(this.#life.name)).load();
			return record !== undefined && this.#cloud.takes(this.#life.name, record.credential);
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
	#drop(): void {
		const session = this.#session;
		this.#session = undefined;
		session?.closed(new Failure("session", "connection-lost", "retry", { said: "dropped" }));
	}

	/** Ports that do what the weather lets them. */
	#host(): Host {
		const life = this.#lives;
		/** So much later, if the board has not lost its power meanwhile. */
		const later = (delay: Milliseconds) =>
			new Promise<void>((resolve) => {
				this.#time.after(delay, () => {
					if (life === this.#lives) resolve();
				});
			});
		const answers = () => later(20 + this.#dice() * 500);
		const fails = (share: number | undefined) => this.#dice() < (share ?? 0);
		const witness: Witness = {
			registering: (name) => {
				this.#registrations++;
				this.#witness.registering(name);
			},
			connecting: (name) => this.#witness.connecting(name),
			connected: (name) => this.#witness.connected(name),
		};
		/** @returns seconds of patience that a busy server asks for, if it is one @throws Failure if nobody is there */
		const reach = async (phase: Phase, deadline: Milliseconds): Promise<number | undefined> => {
			const { servers, troubles = [] } = this.#weather;
			if (!fails(servers)) {
				await answers();
				return undefined;
			}
			const trouble = troubles[Math.floor(this.#dice() * troubles.length)];
			await later(this.#dice() * deadline);
			if (trouble === undefined || "retryAfter" in trouble) return trouble?.retryAfter ?? 0;
			throw new Failure(phase, trouble.code, trouble.action);
		};
		const http = this.#cloud.http(witness, () => fails(this.#weather.torn));
		const mqtt = this.#cloud.mqtt(witness);
		return memoryHost(this.#time, {
			random: (count) => Uint8Array.from({ length: count }, () => Math.floor(this.#dice() * 256)),
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
				sync: async (_, doubted) => {
					if (!doubted) return;
					await answers();
					if (fails(this.#weather.time))
						throw new Failure("clock", "clock-unknown", "retry", { said: "no time server" });
					this.#clock.set(beginning + this.#time.now());
				},
			},
			timers: { sleep: later },
			network: {
				mac: () => undefined,
				up: async (deadline) => {
					this.#attempt();
					await later(this.#dice() * (this.#weather.network ? deadline : 2 * second));
					if (fails(this.#weather.network)) throw new Failure("network", "no-network", "retry", { said: "no Wi-Fi" });
				},
			},
			log: (event) => this.#hear(event),
		});
	}

	async #request(http: Http, request: Parameters<Http["request"]>[0], reach: () => Promise<number | undefined>) {
		const busy = await reach();
		if (busy === undefined) return await http.request(request, 0);
		const seconds = Math.ceil(this.#dice() * busy);
		this.#asked = seconds * second;
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
		const mean = this.#weather.unsteady ? means.unsteadySession : means.session;
		later(waitFor(mean, this.#dice)).then(() => {
			if (isOpen() && this.#time.now() < this.#end - calm) this.#drop();
		});
		// By then it is online; its commands are the first that it has subscribed to.
		later(2 * second).then(() => {
			const [commands] = topics;
			if (isOpen() && commands !== undefined) told(commands, crypto.utf8('{"look":"at the heap"}'));
		});
		return {
			...connection,
			subscribe: (topic: string) => void topics.push(topic),
			close: () => {
				if (isOpen()) this.#session = undefined;
			},
		};
	}

	#storage(fails: (share: number | undefined) => boolean): Storage {
		const flash = this.#flash;
		const written = (write: () => void) => {
			if (fails(this.#weather.flash))
				throw new Failure("store", "storage-failed", "retry", { said: "the flash fails" });
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
		if (this.#attemptSince !== undefined && now - this.#attemptSince < shortestDelay * second)
			this.#wrong.add(`7: two attempts within ${now - this.#attemptSince} ms`);
		this.#attemptSince = now;
		this.#asked = 0;
	}

	#hear(event: BoardEvent): void {
		print(JSON.stringify(event));
		switch (event.event) {
			case "message":
				this.#look();
				break;
			case "online":
				this.#isOnline();
				break;
			case "offline":
				this.#offline();
				this.#judge(event);
				break;
			case "failed":
				this.#judge(event);
				break;
			default:
		}
	}

	#isOnline(): void {
		const now = this.#time.now();
		this.#sessions++;
		this.#onlineSince = now;
		if (this.#wellSince !== undefined && !this.#surprised)
			this.#longestReturn = Math.max(this.#longestReturn, now - Math.max(this.#wellSince, this.#offlineSince));
		if (this.#isPlain() && now > this.#waitsUntil + slack)
			this.#wrong.add(`7: ${now - this.#waitsUntil} ms late though all was well`);
		this.#surprised = false;
	}

	/** All has been well since this attempt began. */
	#isPlain(): boolean {
		const now = this.#time.now();
		return this.#wellSince !== undefined && !this.#surprised && (this.#attemptSince ?? now) > this.#wellSince;
	}

	/** Whether it waits as long as it must, and no longer (invariant 7). */
	#judge({ event, code, retryIn }: Extract<BoardEvent, { readonly event: "failed" | "offline" }>): void {
		this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1);
		if (retryIn === undefined) return;
		const now = this.#time.now();
		this.#waitsUntil = now + retryIn * second;
		if (event === "failed" && this.#isPlain()) this.#wrong.add(`7: ${code} though all was well`);
		const asked = this.#asked / second;
		if (retryIn < shortestDelay + asked) this.#wrong.add(`7: ${code}: tries again in ${retryIn} s, asked for ${asked}`);
		if (retryIn > longestDelay + asked) this.#wrong.add(`7: ${code}: waits for ${retryIn} s, asked for ${asked}`);
	}

	/** The engine has collected its garbage. */
	#look(): void {
		const heaps = this.#heaps.at(-1);
		this.#board?.meters().then(({ heapCount }) => heaps?.push(heapCount));
	}
}
