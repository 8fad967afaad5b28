/** Credentials that the device chooses: stored before it registers, so that a lost response costs no device. */

import test from "ava";
import { Device } from "dynreg/boot";
import type { Cloud, CloudDevice, HttpExchange } from "dynreg/contracts/cloud";
import type { Credential } from "dynreg/contracts/credential";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Host, MqttConnection } from "dynreg/contracts/host";
import { connectionError } from "dynreg/core/connection-errors";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { openVault } from "dynreg/credential-store/vault";
import { InMemoryFlash } from "../support/flash.js";
import { inMemoryHost } from "../support/memory-host.js";
import { crypto } from "../support/node-crypto.js";
import { VirtualTime } from "../support/virtual-time.js";

const identity = "example/product/board";
const endpoint = { secure: true, host: "cloud.example", port: 443, trust: [] };
const reveal = (credential: Credential | undefined) => credential?.secret.reveal();

/** A platform that knows a device by the token that it has registered with, and takes a name only once. */
class Platform {
	token: string | undefined;
	/** The responses that get lost. */
	lost = 0;
	requests: string[] = [];

	register(token: string): "SUCCESS" | "FAILURE" {
		const verdict = this.token === undefined ? "SUCCESS" : "FAILURE";
		this.token ??= token;
		this.requests.push(`register ${verdict}`);
		return verdict;
	}
}

const cloud: Cloud = {
	device: (): CloudDevice => ({
		identity,
		product: "product",
		name: "board",
		endpoints: { register: endpoint, mqtt: endpoint },
		secrets: [],
		proposal: ({ random }) => ({ kind: "key", secret: new Secret(crypto.hex(random)) }),
		registration: (_, proposed): HttpExchange => ({
			request: {
				endpoint,
				method: "POST",
				path: "/provision",
				headers: [],
				body: reveal(proposed) ?? "none",
				maxResponseBytes: 100,
			},
			accept({ status }) {
				if (status !== 200) throw new Failure("register", "already-activated", "needs-attention");
				return proposed as Credential;
			},
		}),
		session: (credential) => ({
			connect: { endpoint, clientId: "", username: "", password: credential.secret, keepAlive: 60 },
			connackError: (connackCode) => new Failure("connect", "credential-refused", "retry", { connackCode }),
			control: "control",
			event: "event",
		}),
	}),
};

function start(platform: Platform, flash: InMemoryFlash, onEvent?: (event: BoardEvent) => void) {
	const events: BoardEvent[] = [];
	const host: Host = inMemoryHost(new VirtualTime(), {
		storage: flash,
		http: {
			async request({ body }) {
				const verdict = platform.register(body);
				if (platform.lost-- > 0) throw connectionError("register", endpoint, "connection-lost");
				return { status: verdict === "SUCCESS" ? 200 : 409, body: new Uint8Array(0) };
			},
		},
		mqtt: {
			async connect({ password }) {
				const isKnown = password?.reveal() === platform.token;
				platform.requests.push(`connect ${isKnown}`);
				if (!isKnown) throw new Failure("connect", "mqtt-refused", "retry", { connackCode: 5 });
				const connection: MqttConnection = {
					publish: async () => {},
					subscribe: async () => 0,
					unsubscribe: async () => {},
					close() {},
				};
				return connection;
			},
		},
		log: (event) => events.push(event),
	});
	const device = new Device({ host, cloud, onEvent, onOnline: (session) => session.close() });
	return { events, ended: device.closed };
}

const open = (flash: InMemoryFlash) => openVault(flash, crypto, identity);

test("the proposal is in flash before the request leaves, and is the credential afterwards", async (t) => {
	const platform = new Platform();
	const flash = new InMemoryFlash(4000);
	let stored: string | undefined;
	const register = platform.register.bind(platform);
	platform.register = (token) => {
		stored = reveal(open(flash).load()?.credential);
		return register(token);
	};
	await start(platform, flash).ended;
	t.is(stored, platform.token);
	t.regex(stored ?? "", /^[0-9a-f]{32}$/);
	t.deepEqual(platform.requests, ["register SUCCESS", "connect true"]);
	t.like(open(flash).load(), { active: true, previous: undefined });
});

test("a lost response costs no device: it connects with what it has proposed", async (t) => {
	const platform = new Platform();
	platform.lost = 1;
	const flash = new InMemoryFlash(4000);
	const { events, ended } = start(platform, flash);
	await ended;
	t.deepEqual(platform.requests, ["register SUCCESS", "connect true"]);
	t.deepEqual(
		events.map(({ event }) => event),
		["boot", "registering", "failed", "connecting", "online"],
	);
	t.is(reveal(open(flash).load()?.credential), platform.token);
});

test("a proposal that did not reach the platform is proposed again, after one refused connection", async (t) => {
	const platform = new Platform();
	const flash = new InMemoryFlash(4000);
	open(flash).commit({ kind: "key", secret: new Secret("proposed-before-a-power-cut") });
	await start(platform, flash).ended;
	t.deepEqual(platform.requests, ["connect false", "register SUCCESS", "connect true"]);
	t.is(platform.token, "proposed-before-a-power-cut");
});

test("invariant 6: an active credential is kept beside the proposal that is to replace it", async (t) => {
	const platform = new Platform();
	const flash = new InMemoryFlash(4000);
	await start(platform, flash).ended;
	const first = platform.token;
	// The platform has forgotten the device, and the response to its registration is lost.
	platform.token = undefined;
	platform.requests = [];
	platform.lost = 1;
	const { ended } = start(platform, flash);
	await ended;
	t.is(platform.requests.filter((request) => request === "connect false").length, 10);
	t.deepEqual(platform.requests.slice(10), ["register SUCCESS", "connect true"]);
	t.not(platform.token, first);
	t.like(open(flash).load(), { active: true, previous: undefined });
});

test("a name that another device has taken is reported, and asked for again once it is free", async (t) => {
	const platform = new Platform();
	platform.token = "another-device's";
	const flash = new InMemoryFlash(4000);
	let failures = 0;
	const { events, ended } = start(platform, flash, (event) => {
		if (event.event === "failed" && event.code === "already-activated" && ++failures === 2) platform.token = undefined;
	});
	await ended;
	t.is(failures, 2);
	t.deepEqual(platform.requests, [
		"register FAILURE",
		...["connect false", "register FAILURE"],
		...["connect false", "register SUCCESS", "connect true"],
	]);
	t.is(events.at(-1)?.event, "online");
	t.is(reveal(open(flash).load()?.credential), platform.token);
});

test("nothing that a device proposes is in its log", async (t) => {
	const platform = new Platform();
	const flash = new InMemoryFlash(4000);
	platform.lost = 1;
	const { events, ended } = start(platform, flash);
	await ended;
	t.false(JSON.stringify(events).includes(platform.token ?? ""));
});
