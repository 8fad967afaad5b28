/** A broker that registration has assigned, and whose name is gone: only another registration leads to another one. */

import test from "ava";
import { Device } from "dynreg/boot";
import { azure } from "dynreg/clouds/azure/cloud";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";
import type { MqttConnection } from "dynreg/contracts/host";
import { connectionError } from "dynreg/core/connection-errors";
import { openVault } from "dynreg/credential-store/vault";
import { InMemoryFlash } from "../support/flash.js";
import { inMemoryHost } from "../support/memory-host.js";
import { crypto } from "../support/node-crypto.js";
import { VirtualTime } from "../support/virtual-time.js";

const board: RawConfiguration = {
	cloud: "azure",
	idScope: "0ne00INVENTED",
	deviceName: "board-1",
	deviceKey: "SampleDeviceKeyOfTests01",
	startupJitter: 0,
};
const open = (flash: InMemoryFlash) => openVault(flash, crypto, "azure/0ne00INVENTED/board-1");
const hubIn = (flash: InMemoryFlash) => open(flash).load()?.credential.assigned;
const connection: MqttConnection = {
	publish: async () => {},
	subscribe: async () => 0,
	unsubscribe: async () => {},
	close() {},
};

/** The service, the hubs and the names that exist. */
class Platform {
	assigned = "hub-1.example";
	readonly names = new Set(["hub-1.example"]);
	isServiceFound = true;
	requests: string[] = [];

	start(flash: InMemoryFlash, change: RawConfiguration = {}, requests = 1000) {
		const events: BoardEvent[] = [];
		const at: number[] = [];
		const time = new VirtualTime();
		const asked = (what: string) => {
			this.requests.push(what);
			at.push(time.now());
			if (this.requests.length === requests) device.close();
		};
		const host = inMemoryHost(time, {
			storage: flash,
			http: {
				request: async ({ endpoint }) => {
					asked("register");
					if (!this.isServiceFound) throw connectionError("register", endpoint, "dns-failed");
					const registrationState = { registrationId: "board-1", assignedHub: this.assigned, deviceId: "board-1" };
					const body = { operationId: "1", status: "assigned", registrationState };
					return { status: 200, body: crypto.utf8(JSON.stringify(body)) };
				},
			},
			mqtt: {
				connect: async ({ endpoint }) => {
					asked(endpoint.host);
					if (this.names.has(endpoint.host)) return connection;
					throw connectionError("connect", endpoint, "dns-failed");
				},
			},
			log: (event) => events.push(event),
		});
		const device = new Device({
			host,
			cloud: azure,
			configuration: { ...board, ...change } as object,
			onOnline: (session) => session.close(),
		});
		return { events, at, ended: device.closed };
	}
}

async function activeAt(platform: Platform): Promise<InMemoryFlash> {
	const flash = new InMemoryFlash(4000);
	await platform.start(flash).ended;
	platform.requests = [];
	return flash;
}

test("invariant 6: a device whose hub is gone registers again after ten failures, and keeps both until one accepts it", async (t) => {
	const platform = new Platform();
	const flash = await activeAt(platform);
	platform.names.delete("hub-1.example");
	platform.names.add("hub-2.example");
	platform.assigned = "hub-2.example";
	const { events, ended } = platform.start(flash);
	await ended;
	t.deepEqual(platform.requests, [...Array(10).fill("hub-1.example"), "register", "hub-2.example"]);
	t.is(hubIn(flash), "hub-2.example/board-1");
	t.like(open(flash).load(), { active: true, previous: undefined });
	const failures = events.flatMap((event) => (event.event === "failed" ? [event] : []));
	t.true(failures.every(({ phase, code, action }) => `${phase} ${code} ${action}` === "connect dns-failed retry"));
});

test("invariant 6: an outage of the DNS costs no hub, and rarely a registration", async (t) => {
	const platform = new Platform();
	const flash = await activeAt(platform);
	platform.names.clear();
	platform.isServiceFound = false;
	const { at, ended } = platform.start(flash, {}, 300);
	await ended;
	t.is(hubIn(flash), "hub-1.example/board-1");
	t.true(open(flash).load()?.active);
	t.false(platform.requests.slice(0, 10).includes("register"));
	t.true(
		at.every((time, index) => index === 0 || time - (at[index - 1] as number) >= 5000),
		"invariant 7",
	);

	platform.names.add("hub-1.example");
	platform.requests = [];
	await platform.start(flash).ended;
	t.is(hubIn(flash), "hub-1.example/board-1");
	t.true(platform.requests.length <= 2, platform.requests.join());
});

test("invariant 7: a service that assigns the hub that is gone is asked ever more rarely", async (t) => {
	const platform = new Platform();
	const flash = await activeAt(platform);
	platform.names.clear();
	await platform.start(flash, {}, 1000).ended;
	const registrations = platform.requests.filter((request) => request === "register").length;
	t.true(registrations > 1 && registrations < 10, `${registrations} registrations`);
	t.is(open(flash).load()?.credential.assigned, "hub-1.example/board-1");
});

test("invariant 1: a configured broker whose name is not found leads to no registration", async (t) => {
	const platform = new Platform();
	platform.names.add("broker.example");
	const change = { "endpoints.mqtt": "mqtts://broker.example" };
	const flash = new InMemoryFlash(4000);
	await platform.start(flash, change).ended;
	platform.names.clear();
	platform.requests = [];
	await platform.start(flash, change, 50).ended;
	t.deepEqual(platform.requests, Array(50).fill("broker.example"));
});
