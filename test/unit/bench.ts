/** A board of real parts (sockets, TLS, cryptography, a local cloud), of which only time and chance are made. */

import { type CloudOptions, startCloud } from "@dynreg/cloud";
import { EventLog } from "@dynreg/node/internal/event-log";
import { createHost } from "@dynreg/node/internal/host";
import { realTime } from "@dynreg/node/internal/time";
import { Orders } from "dynreg/command-queue";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Host } from "dynreg/contracts/host";
import type { Application } from "dynreg/contracts/session";
import { hello } from "dynreg/hello";
import { type Configuration, start } from "dynreg/start";
import { print } from "../secrets/watch.js";
import { Flash } from "../support/flash.js";
import { skippedSleeps, VirtualTime } from "../support/virtual-time.js";

export const product = "PRODUCT001";
export const productSecret = "SampleSecretOfTheTests01";
export const device = "board-1";

export async function cloudWithProduct(
	registration: "automatic" | "pre-created" | "off" = "automatic",
	options: CloudOptions = {},
) {
	const cloud = await startCloud(options);
	cloud.administration.putProduct("tencent", product, { secret: productSecret, registration });
	const configuration: RawConfiguration = {
		productId: product,
		productSecret,
		deviceName: device,
		endpoints: { register: cloud.urls.https, mqtt: cloud.urls.mqtts },
		ca: cloud.ca,
		spread: 0,
	};
	/** What came in, without what the time service adds: "register/v2 accepted", "connect refused". */
	const requests = () =>
		cloud.administration
			.requests()
			.filter(({ operation }) => operation.startsWith("register") || operation === "connect")
			.map(({ operation, verdict }) => `${operation} ${verdict}`);
	const { urls, ca, administration } = cloud;
	return { urls, ca, administration, close: () => cloud.close(), configuration, requests };
}

/** No test watches a board for longer. */
const mostSleeps = 2000;

export interface Board {
	readonly events: readonly BoardEvent[];
	/** Milliseconds of each sleep, in order. */
	readonly sleeps: readonly number[];
	/** What somebody at it asks for. */
	readonly orders: Orders;
	/** Resolves when `start` returns, rejects when it throws. */
	readonly ended: Promise<void>;
	/** Resolves with the first event, past or to come, for which this holds. */
	until(holds: (event: BoardEvent) => boolean): Promise<BoardEvent>;
	/** Takes its power away. */
	off(): void;
}

export interface BoardOptions {
	readonly flash?: Flash;
	readonly application?: Application;
	/** Called in each sleep, which lasts no longer than this does; its number counts from 1. */
	readonly asleep?: (number: number, board: Board) => unknown;
	/** Replaces ports. */
	readonly ports?: (host: Host) => Partial<Host>;
	/** All random bytes. */
	readonly chance?: number;
}

export function switchOn(configuration: RawConfiguration, options: BoardOptions = {}): Board {
	const { flash = new Flash(4000), application, asleep, ports, chance } = options;
	const log = new EventLog();
	const sleeps: number[] = [];
	const power = new AbortController();
	const time = new VirtualTime(realTime);

	const real = createHost({
		power: power.signal,
		timeScale: time,
		log: (event) => {
			print(JSON.stringify(event));
			log.append(event);
		},
	});
	const host: Host = {
		...real,
		storage: flash,
		timers: skippedSleeps(time, {
			power: power.signal,
			during(duration) {
				sleeps.push(duration);
				// What a failed test leaves behind must not keep it from ending.
				if (sleeps.length > mostSleeps) power.abort();
				return asleep?.(sleeps.length, board);
			},
		}),
		...(chance === undefined ? {} : { random: (count) => new Uint8Array(count).fill(chance) }),
		...ports?.(real),
	};

	const orders = new Orders();
	const board: Board = {
		get events() {
			return log.entries.map(({ event }) => event);
		},
		sleeps,
		orders,
		ended: Promise.resolve().then(() => start(host, configuration as Configuration, application ?? hello, orders)),
		until: async (holds) => (await log.waitFor(holds)).event,
		off: () => power.abort(),
	};
	return board;
}

/** An application that is content once it has been online. */
export const closeAtOnce: Application = (session) => session.close();
