/** The firmware's whole life, `boot` itself, on a host whose every port does as a script says, in a time of its own. */

import { Device } from "dynreg/boot";
import type { CloudDevice } from "dynreg/contracts/cloud";
import type { Action, Code } from "dynreg/contracts/error";
import type { Endpoint, MqttEvents } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import fc from "fast-check";
import { InMemoryFlash } from "../support/flash.js";
import { inMemoryHost } from "../support/memory-host.js";
import { VirtualTime, virtualClock } from "../support/virtual-time.js";

/** How a step ends that involves another party. */
interface StepOutcome {
	/** Absent: well. */
	readonly failure?: { readonly code: Code; readonly action: Action; readonly retryAfter?: number } | undefined;
	/** How much of its deadline it takes, 0 to 1. */
	readonly shareOfDeadline: number;
}

interface Attempt {
	readonly network: StepOutcome;
	readonly time: StepOutcome;
	readonly flashReadable: boolean;
	readonly registration: StepOutcome;
	/** Flash keeps what registration yields. */
	readonly flashKeeps: boolean;
	readonly connection: StepOutcome;
	/** Milliseconds. */
	readonly session: number;
}

export interface Script {
	/** After these, everything goes well, and the application closes the session. */
	readonly attempts: readonly Attempt[];
	/** The random bytes, over and over. */
	readonly chance: readonly number[];
	/** Milliseconds that the wall clock jumps by each time it is read, over and over. */
	readonly jumps: readonly number[];
	/** Seconds. */
	readonly spread: number;
}

export interface ScriptedRun {
	/** Milliseconds are ticks. */
	readonly attempts: {
		readonly began: number;
		/** Online. */
		reached?: number;
		ended: number;
		failure?: NonNullable<StepOutcome["failure"]>;
		/** Seconds. */
		retryIn?: number;
		/** The time has been asked for because it was in doubt. */
		asked?: boolean;
	}[];
	/** Events, and codes of failures. */
	readonly steps: string[];
	/** Milliseconds: what ports were given. */
	readonly deadlines: number[];
	closed: boolean;
}

const years = 10 * 365 * 86_400_000;
export const clockJump = fc.integer({ min: -years, max: years });

const shareOfDeadline = fc.constantFrom(0, 0.001, 0.5, 1);
/** Rare enough for lives to get somewhere. */
const rarely = fc.integer({ min: 0, max: 5 }).map((side) => side === 0);
const outcome = (...troubles: NonNullable<StepOutcome["failure"]>[]) =>
	fc.record({ failure: fc.option(fc.constantFrom(...troubles), { nil: undefined, freq: 2 }), shareOfDeadline });
const rare = (trouble: NonNullable<StepOutcome["failure"]>) =>
	fc.record({ failure: rarely.map((happens) => (happens ? trouble : undefined)), shareOfDeadline });
const ofServers = [
	{ code: "connect-failed", action: "retry" },
	{ code: "timeout", action: "retry" },
	{ code: "certificate-untrusted", action: "needs-attention" },
	{ code: "certificate-expired", action: "needs-attention" },
	{ code: "unexpected", action: "retry" },
] as const;

const attempts: fc.Arbitrary<Attempt> = fc.record({
	network: rare({ code: "no-network", action: "retry" }),
	time: rare({ code: "clock-unknown", action: "retry" }),
	flashReadable: rarely.map((not) => !not),
	registration: outcome(
		...ofServers,
		{ code: "http-status", action: "wait" },
		{ code: "http-status", action: "wait", retryAfter: 1 },
		{ code: "http-status", action: "wait", retryAfter: 3600 },
		{ code: "http-status", action: "retry", retryAfter: 1e9 },
		{ code: "bad-timestamp", action: "retry" },
		{ code: "bad-product-secret", action: "needs-attention" },
		{ code: "already-activated", action: "needs-attention", retryAfter: 600 },
	),
	flashKeeps: rarely.map((not) => !not),
	connection: fc.oneof(
		{ weight: 1, arbitrary: outcome(...ofServers, { code: "broker-unavailable", action: "wait" }) },
		{ weight: 2, arbitrary: outcome({ code: "mqtt-refused", action: "retry" }) },
	),
	// Not 60 s exactly: ticks are sums of fractions.
	session: fc.constantFrom(0, 1000, 59_999, 60_001, 86_400_000),
});

export const arbitraryScripts: fc.Arbitrary<Script> = fc.record({
	// What goes wrong goes wrong more than once: ten refusals in a row, say.
	attempts: fc
		.array(fc.tuple(attempts, fc.integer({ min: 1, max: 12 })), { maxLength: 12, size: "max" })
		.map((runs) => runs.flatMap(([attempt, times]) => Array<Attempt>(times).fill(attempt))),
	chance: fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 16 }),
	jumps: fc.array(clockJump, { maxLength: 8 }),
	spread: fc.integer({ min: 0, max: 3600 }),
});

const well: StepOutcome = { shareOfDeadline: 0.001 };
const wellAgain: Attempt = {
	network: well,
	time: well,
	flashReadable: true,
	registration: well,
	flashKeeps: true,
	connection: well,
	session: 0,
};

const endpoint: Endpoint = { secure: true, host: "cloud.test", port: 443, trust: [] };
const connect = { endpoint, clientId: "board-1", username: "board-1", keepAlive: 60 };

const device: CloudDevice = {
	identity: "tencent/PRODUCT001/board-1",
	product: "PRODUCT001",
	name: "board-1",
	endpoints: { register: endpoint, mqtt: endpoint },
	secrets: [],
	registration: () => ({
		request: { endpoint, method: "POST", path: "/", headers: [], body: "", maxResponseBytes: 0 },
		accept: () => ({ kind: "key" as const, secret: new Secret("a key") }),
	}),
	session: () => ({
		connect,
		connackError: () => new Failure("connect", "credential-refused", "retry", { said: "refused" }),
		control: "control",
		event: "event",
		time: { topic: "time", request: "", responseTopic: "time", accept: () => undefined },
	}),
};

/** Attempts after the script; a board that is not online by then never will be. */
const patience = 20;

/** Resolves when the application has closed its session, or never would. */
export async function runScript(script: Script): Promise<ScriptedRun> {
	const life: ScriptedRun = { attempts: [], steps: [], deadlines: [], closed: false };
	const flash = new InMemoryFlash(4000);
	const time = new VirtualTime();
	const clock = virtualClock(time, 1_800_000_000_000);
	let reads = 0;
	let bytes = 0;
	let attempt = wellAgain;
	/** What is written is a credential that has just been got. */
	let storing = false;
	const current = () => life.attempts.at(-1) as ScriptedRun["attempts"][number];

	let giveUp = () => {};
	const givenUp = new Promise<void>((resolve) => {
		giveUp = resolve;
	});

	/** A step that takes time and may fail. */
	async function passes({ failure, shareOfDeadline: part }: StepOutcome, deadline: number): Promise<void> {
		life.deadlines.push(deadline);
		time.advance(part * deadline);
		if (failure?.code === "unexpected") throw new TypeError("a defect");
		if (failure === undefined) return;
		const { code, action, retryAfter } = failure;
		throw new Failure("session", code, action, retryAfter === undefined ? {} : { retryAfter });
	}

	function jumpingClock(): number {
		const now = clock.now() as number;
		const jumped = now + (script.jumps.length ? (script.jumps[reads++ % script.jumps.length] as number) : 0);
		clock.set(jumped);
		return jumped;
	}

	const host = inMemoryHost(time, {
		random: (count) =>
			Uint8Array.from({ length: count }, () => script.chance[bytes++ % script.chance.length] as number),
		network: {
			up(deadline) {
				if (life.attempts.length >= script.attempts.length + patience) {
					giveUp();
					return new Promise(() => {});
				}
				storing = false;
				attempt = script.attempts[life.attempts.length] ?? wellAgain;
				life.attempts.push({ began: time.now(), ended: time.now() });
				return passes(attempt.network, deadline);
			},
			mac: () => undefined,
		},
		clock: {
			...clock,
			now: jumpingClock,
			set() {},
			async sync(deadline, force) {
				await passes(attempt.time, deadline);
				if (force) current().asked = true;
			},
		},
		storage: {
			maxValueBytes: flash.maxValueBytes,
			get(name) {
				if (attempt.flashReadable) return flash.get(name);
				throw new Failure("store", "storage-failed", "retry", { said: "unreadable" });
			},
			set: (name, value) => flash.set(name, attempt.flashKeeps || !storing ? value : value.fill(0)),
			delete: (name) => flash.delete(name),
		},
		http: {
			async request(_, deadline) {
				await passes(attempt.registration, deadline);
				storing = true;
				return { status: 200, body: new Uint8Array(0) };
			},
		},
		mqtt: {
			async connect(_, events, deadline) {
				storing = false;
				await passes(attempt.connection, deadline);
				setImmediate(end, events, attempt.session);
				return { publish: async () => {}, subscribe: async () => 0, unsubscribe: async () => {}, close() {} };
			},
		},
		log(event) {
			if (event.event === "online") current().reached = time.now();
			life.steps.push("code" in event ? event.code : event.event);
			if (!("retryIn" in event)) return;
			const { code, action, retryIn } = event;
			const troubles = [attempt.registration.failure, attempt.connection.failure];
			const retryAfter = troubles.find((trouble) => trouble?.code === code)?.retryAfter;
			const failure = { code, action, ...(retryAfter === undefined ? {} : { retryAfter }) };
			Object.assign(current(), { ended: time.now(), retryIn, failure });
		},
	});

	function end(events: MqttEvents, lasts: number): void {
		if (life.closed) return;
		time.advance(lasts);
		events.closed(new Failure("session", "connection-lost", "retry", { said: "dropped" }));
	}

	const { closed } = new Device({
		host,
		cloud: { device: () => device },
		configuration: { startupJitter: script.spread },
		onOnline(session) {
			if (attempt !== wellAgain) return;
			life.closed = true;
			session.close();
		},
	});
	await Promise.race([closed, givenUp]);
	return life;
}
