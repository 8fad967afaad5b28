/** How often the firmware writes to flash in a day, and registers: `boot` itself, in virtual time. */

import { readFileSync } from "node:fs";
import test from "ava";
import { Device } from "dynreg/boot";
import type { CloudDevice } from "dynreg/contracts/cloud";
import type { Endpoint, MqttEvents } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { openVault } from "dynreg/credential-store/vault";
import { InMemoryFlash } from "../support/flash.js";
import { inMemoryHost } from "../support/memory-host.js";
import { crypto } from "../support/node-crypto.js";
import { skippedSleeps, VirtualTime } from "../support/virtual-time.js";

const day = 86_400_000;
const hour = 3_600_000;
const endpoint: Endpoint = { secure: true, host: "cloud.test", port: 443, trust: [] };
const identity = "tencent/PRODUCT001/board-1";

const device: CloudDevice = {
	identity,
	product: "PRODUCT001",
	name: "board-1",
	endpoints: { register: endpoint, mqtt: endpoint },
	secrets: [],
	registration: ({ random }) => ({
		request: { endpoint, method: "POST", path: "/", headers: [], body: "", maxResponseBytes: 0 },
		accept: () => ({ kind: "key" as const, secret: new Secret(`key ${crypto.hex(random)}`) }),
	}),
	session: () => ({
		connect: { endpoint, clientId: "board-1", username: "board-1", keepAlive: 60 },
		connackError: () => new Failure("connect", "credential-refused", "retry", { connackCode: 5 }),
		control: "control",
		event: "event",
		time: { topic: "time", request: "", responseTopic: "time", accept: () => undefined },
	}),
};

const refused = () => new Failure("connect", "mqtt-refused", "retry", { connackCode: 5 });
const lost = () => new Failure("session", "connection-lost", "retry", { server: "cloud.test:443" });
const activated = () => new Failure("register", "already-activated", "needs-attention");

interface Situation {
	readonly what: string;
	/** The device has been online before. */
	readonly isActive?: true;
	/** The failure of a registration. */
	readonly register?: () => Failure;
	/** Milliseconds that the session of a connection lasts, or its failure. Connections count from 1. */
	readonly connect: (count: number) => number | Failure;
	/** Milliseconds from one power-up to the next. */
	readonly life?: number;
}

/** Writes and registrations of each day. */
async function measure(situation: Situation, days: number) {
	const counts = Array.from({ length: days }, () => ({ writes: 0, registrations: 0 }));
	const time = new VirtualTime();
	const today = () => counts[Math.min(Math.floor(time.now() / day), days - 1)] as (typeof counts)[number];
	const flash = new InMemoryFlash(4000);
	if (situation.isActive) {
		openVault(flash, crypto, identity).commit({ kind: "key", secret: new Secret("old") });
		openVault(flash, crypto, identity).accepted();
	}
	let connections = 0;
	const storage = {
		maxValueBytes: flash.maxValueBytes,
		get: (key: string) => flash.get(key),
		set(key: string, value: Uint8Array) {
			today().writes++;
			flash.set(key, value);
		},
		delete: (key: string) => flash.delete(key),
	};
	const base = inMemoryHost(time, { storage, http: { request: never }, mqtt: { connect: never } });
	while (time.now() < days * day) {
		const end = Math.min(days * day, time.now() + (situation.life ?? Infinity));
		const power = new AbortController();
		await new Promise<void>((over) => {
			const host = {
				...base,
				timers: skippedSleeps(time, {
					power: power.signal,
					onSleep() {
						if (time.now() < end) return;
						power.abort();
						over();
					},
				}),
				http: {
					async request() {
						time.advance(1000);
						const failure = situation.register?.();
						if (failure) throw failure;
						today().registrations++;
						return { status: 200, body: new Uint8Array(0) };
					},
				},
				mqtt: {
					async connect(_: unknown, events: MqttEvents) {
						time.advance(1000);
						const session = situation.connect(++connections);
						if (typeof session !== "number") throw session;
						setImmediate(() => {
							time.advance(session);
							events.closed(lost());
						});
						return {
							publish: async () => {},
							subscribe: async () => 0 as const,
							unsubscribe: async () => {},
							close() {},
						};
					},
				},
			};
			new Device({ host, cloud: { device: () => device }, configuration: { startupJitter: 3 } });
		});
	}
	return counts;
}

const never = () => Promise.reject(new Error("unused"));
const situations: readonly Situation[] = [
	{ what: "online, a session of ten minutes after the other", connect: () => 600_000 },
	{ what: "two devices of one name: each session lasts for seconds", isActive: true, connect: () => 8000 },
	{ what: "each new credential is refused", connect: refused },
	{ what: "each registration is refused", register: activated, connect: refused },
	{
		what: "the active credential is refused, and each registration",
		isActive: true,
		register: activated,
		connect: refused,
	},
	{ what: "the active credential is refused, and each new one", isActive: true, connect: refused },
	{ what: "the broker refuses every second connection", isActive: true, connect: (n) => (n % 2 ? refused() : 120_000) },
	{ what: "switched on every hour, each new credential is refused", life: hour, connect: refused },
	{
		what: "switched on every hour, the active credential is refused, and each registration",
		isActive: true,
		life: hour,
		register: activated,
		connect: refused,
	},
	{
		what: "switched on every hour, the active credential is refused, and each new one",
		isActive: true,
		life: hour,
		connect: refused,
	},
];

const document = readFileSync(new URL("../../../docs/internals/reliability.md", import.meta.url), "utf8");

for (const situation of situations)
	test(`writes to flash a day: ${situation.what}`, async (t) => {
		const [first = { writes: 0, registrations: 0 }, ...later] = await measure(situation, 11);
		const mean = (key: "writes" | "registrations") =>
			(later.reduce((sum, each) => sum + each[key], 0) / later.length).toFixed(1);
		const row = `| ${situation.what} | ${first.registrations} | ${first.writes} | ${mean("registrations")} | ${mean("writes")} |`;
		t.log(row);
		if (!situation.life)
			for (const { writes, registrations } of [first, ...later]) t.true(writes < 10 && registrations < 10, row);
		t.true(document.includes(row), `docs/internals/reliability.md has no row ${row}`);
	});
