/** A board of real parts (sockets, TLS, cryptography, a local cloud), of which only time and chance are made. */

import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type CloudOptions, startCloud } from "@dynreg/cloud";
import { EventLog } from "@dynreg/node/internal/event-log";
import { createHost } from "@dynreg/node/internal/host";
import { realTime } from "@dynreg/node/internal/time-source";
import type { ExecutionContext } from "ava";
import { type Configuration, Device, type DeviceOptions } from "dynreg/boot";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Host } from "dynreg/contracts/host";
import type { Application } from "dynreg/contracts/session";
import { hello } from "dynreg/hello";
import { recordOutput } from "../secrets/watch.js";
import { InMemoryFlash } from "../support/flash.js";
import { countedTimers, skippedSleeps, VirtualTime } from "../support/virtual-time.js";

export const product = "PRODUCT001";
export const productSecret = "SampleSecretOfTheTests01";
export const device = "board-1";

/** A local cloud that ends with the test. */
export async function cloudWithProduct(
	t: ExecutionContext,
	registration: "automatic" | "pre-created" | "off" = "automatic",
	options: CloudOptions = {},
) {
	const cloud = await startCloud(options);
	t.teardown(() => cloud.close());
	cloud.administration.putProduct("tencent", product, { secret: productSecret, registration });
	const configuration: RawConfiguration = {
		productId: product,
		productSecret,
		deviceName: device,
		endpoints: { register: cloud.urls.https, mqtt: cloud.urls.mqtts },
		ca: cloud.ca,
		startupJitter: 0,
	};
	/** What came in, without what the time service adds: "register/v2 accepted", "connect refused". */
	const requests = () =>
		cloud.administration
			.requests()
			.filter(({ operation }) => operation.startsWith("register") || operation === "connect")
			.map(({ operation, verdict }) => `${operation} ${verdict}`);
	const { urls, ca, administration } = cloud;
	return { urls, ca, administration, configuration, requests };
}

/** A web server that ends with the test. @returns its URL */
export async function webServer(t: ExecutionContext, respond: (response: ServerResponse) => unknown): Promise<string> {
	const server = createServer((_, response) => respond(response)).listen(0, "127.0.0.1");
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	await once(server, "listening");
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** No test watches a board for longer. */
const maxSleeps = 2000;

export interface BoardUnderTest {
	readonly events: readonly BoardEvent[];
	/** Milliseconds of each timer, in order. */
	readonly sleeps: readonly number[];
	/** Timers that have neither fired nor been cancelled. */
	readonly timersLeft: number;
	/** From its second event on. */
	readonly device: Device;
	/** `device.closed`. */
	readonly ended: Promise<void>;
	/** Resolves with the first event, past or to come, for which this holds. */
	until(holds: (event: BoardEvent) => boolean): Promise<BoardEvent>;
	/** Takes its power away. */
	off(): void;
}

export interface BoardOptions extends Pick<DeviceOptions, "onOffline" | "onEvent"> {
	readonly flash?: InMemoryFlash;
	readonly application?: Application;
	/** Called for each timer, which fires once what it returns has settled; its number counts from 1. */
	readonly onSleep?: (number: number, board: BoardUnderTest) => unknown;
	/** Replaces ports. */
	readonly ports?: (host: Host) => Partial<Host>;
	/** All random bytes. */
	readonly randomByte?: number;
}

export function startTestBoard(configuration: RawConfiguration, options: BoardOptions = {}): BoardUnderTest {
	const { flash = new InMemoryFlash(4000), application, onOffline, onEvent, onSleep, ports, randomByte } = options;
	const log = new EventLog();
	const sleeps: number[] = [];
	const power = new AbortController();
	const time = new VirtualTime(realTime);

	const real = createHost({
		power: power.signal,
		timeScale: time,
		log: (event) => {
			recordOutput(JSON.stringify(event));
			log.append(event);
		},
	});
	const host: Host = {
		...real,
		storage: flash,
		timers: skippedSleeps(time, {
			power: power.signal,
			onSleep(duration) {
				sleeps.push(duration);
				// What a failed test leaves behind must not keep it from ending.
				if (sleeps.length > maxSleeps) power.abort();
				return onSleep?.(sleeps.length, board);
			},
		}),
		...(randomByte === undefined ? {} : { random: (count) => new Uint8Array(count).fill(randomByte) }),
		...ports?.(real),
	};
	const counted = countedTimers(host.timers);

	let running: Device | undefined;
	const board: BoardUnderTest = {
		get events() {
			return log.entries.map(({ event }) => event);
		},
		sleeps,
		get timersLeft() {
			return counted.left();
		},
		get device() {
			return running as Device;
		},
		ended: Promise.resolve().then(() => {
			running = new Device({
				host: { ...host, timers: counted.timers },
				configuration: configuration as Configuration,
				onOnline: application ?? hello,
				onOffline,
				onEvent,
			});
			return running.closed;
		}),
		until: async (holds) => (await log.waitFor(holds)).event,
		off: () => power.abort(),
	};
	return board;
}

/** An application that is content once it has been online. */
export const closeSession: Application = (session) => session.close();
