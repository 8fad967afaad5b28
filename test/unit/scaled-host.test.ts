import { sleep } from "@dynreg/conformance/internal/contract/cases/expect";
import test from "ava";
import type { Host } from "dynreg/contracts/host";
import { InMemoryFlash } from "../support/flash.js";
import { inMemoryHost, startTime } from "../support/memory-host.js";
import { scaledHost } from "../support/scaled-host.js";
import { VirtualTime, virtualClock } from "../support/virtual-time.js";

const endpoint = { secure: true, host: "cloud.test", port: 443, trust: [] };
const request = { endpoint, method: "GET", path: "/", headers: [], body: "", maxResponseBytes: 0 } as const;
const connect = { endpoint, clientId: "board-1", username: "board-1", keepAlive: 240 };

/** What a host is asked to wait for, in milliseconds. */
function recording(): {
	readonly host: Host;
	readonly asked: (readonly [string, number])[];
	readonly time: VirtualTime;
} {
	const asked: (readonly [string, number])[] = [];
	const time = new VirtualTime();
	const host = inMemoryHost(time, {
		storage: new InMemoryFlash(100),
		http: {
			async request(_, deadline) {
				asked.push(["http", deadline]);
				return { status: 200, body: new Uint8Array(0) };
			},
		},
		mqtt: {
			async connect({ keepAlive }, _, deadline) {
				asked.push(["keep-alive", keepAlive], ["mqtt", deadline]);
				return { publish: async () => {}, subscribe: async () => 0, unsubscribe: async () => {}, close() {} };
			},
		},
		clock: {
			...virtualClock(time, startTime),
			sync: async (deadline, force) => void asked.push([`sync ${force}`, deadline]),
		},
		network: { mac: () => "a4:d1:8c:db:c0:20", up: async (deadline) => void asked.push(["network", deadline]) },
		timers: {
			after(duration, action) {
				asked.push(["timer", duration]);
				setImmediate(action);
				return () => asked.push(["cancelled", duration]);
			},
		},
	});
	return { host, asked, time };
}

test("a host whose time is scaled waits for less, and its ticks count more", async (t) => {
	const { host, asked, time } = recording();
	const scaled = scaledHost(host, 10);
	await scaled.network.up(60_000);
	await scaled.clock.sync(40_000, true);
	await scaled.http.request(request, 30_000);
	await scaled.mqtt.connect(connect, { message() {}, closed() {} }, 30_000);
	await sleep(scaled.timers, 5000);
	t.deepEqual(asked, [
		["network", 6000],
		["sync true", 4000],
		["http", 3000],
		["keep-alive", 240],
		["mqtt", 3000],
		["timer", 500],
	]);
	time.advance(70);
	t.is(scaled.clock.ticks(), 700);
	t.is(scaled.clock.now(), startTime + 70);
	scaled.clock.set(0);
	t.is(host.clock.now(), 0);
	t.is(scaled.network.mac(), "a4:d1:8c:db:c0:20");
});

test("no sleep is longer than asked for, and ticks count what is skipped", async (t) => {
	const { host, asked, time } = recording();
	const scaled = scaledHost(host, 10, 50);
	await sleep(scaled.timers, 500);
	t.is(scaled.clock.ticks(), 0);
	await sleep(scaled.timers, 5000);
	t.deepEqual(asked, [
		["timer", 50],
		["timer", 50],
	]);
	time.advance(50);
	t.is(scaled.clock.ticks(), 5000);
});

test("a timer that is cancelled is cancelled on the host, and skips nothing", (t) => {
	const { host, asked } = recording();
	const scaled = scaledHost(host, 10, 50);
	scaled.timers.after(5000, () => {})();
	t.deepEqual(asked, [
		["timer", 50],
		["cancelled", 50],
	]);
	t.is(scaled.clock.ticks(), 0);
});

test("a scaled host gives servers at least two seconds", async (t) => {
	const { host, asked } = recording();
	const scaled = scaledHost(host, 100);
	await scaled.http.request(request, 20_000);
	await scaled.http.request(request, 500);
	await sleep(scaled.timers, 500);
	t.deepEqual(asked, [
		["http", 2000],
		["http", 500],
		["timer", 5],
	]);
});
