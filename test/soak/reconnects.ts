/** One board that loses its connection again and again, and how much of its heap is in use each time it is back. */

import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSimulator, startBoard as startOnSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { type DemoCloud, demoBoard, sendWhenSubscribed } from "@dynreg/cloud/internal/demo-board";
import { platformNamed } from "@dynreg/cloud/internal/platforms/platform-named";
import { type Board, withBoard } from "@dynreg/node";
import { startBoard as startOnXs } from "@dynreg/xs/internal/board";
import { hasTimeService } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { TraceLog } from "../support/trace-log.js";

/** What is in use after a garbage collection, by what the engine can tell. */
export type Heap = Readonly<Record<string, number>>;

/** A board that reports its heap after each message. */
interface HeapBoard extends Board {
	/** The numbers of the next look. @param after entries of the log that came before it */
	heap(after: number): Promise<Heap>;
}

type StartBoard = (configuration: RawConfiguration, store: string, log: TraceLog) => Promise<HeapBoard>;

/** Milliseconds until it is online again, and until the look that it has been asked for; then something is wrong. */
const timeout = 60_000;

/** Of each board. Slower where the cloud has to make a key first, and TLS shows a certificate. */
const timeScale = (cloud: DemoCloud) => (platformNamed(cloud).claims ? 5 : 50);

const isLook = (line: string) => line.startsWith('{"slots":');

const entry = fileURLToPath(new URL("./xs-board.js", import.meta.url));

const starts: Readonly<Record<"xs" | "sim", () => Promise<StartBoard>>> = {
	xs: async () => async (configuration, store, log) => {
		const board = await startOnXs({
			configuration,
			store: join(store, "flash.json"),
			entry,
			onEvent: log.event,
		});
		return {
			...board,
			async heap(after) {
				await log.waitFor("message", { after, timeout: timeout });
				// The collection comes in the same turn of the engine as the event.
				const { heapCount: slots, allocated } = await board.meters();
				return { slots, allocated };
			},
		};
	},
	sim: async () => {
		const image = await buildSimulator("test/soak/moddable");
		return async (configuration, store, log) => {
			const board = await startOnSimulator({
				configuration,
				store,
				image,
				onEvent: log.event,
				onTrace: log.trace,
			});
			return {
				...board,
				heap: async (after) => JSON.parse(await log.waitForLine(isLook, { after, timeout: timeout })),
			};
		};
	},
};

export interface ReconnectOptions {
	readonly host: keyof typeof starts;
	readonly cloud: DemoCloud;
	readonly times: number;
	/** Hears of each look. */
	readonly onHeap?: (heap: Heap, time: number) => void;
}

/**
 * What the SDK keeps of each socket that the other side has closed, in the simulator: its own code never lets go of
 * the object (modules/network/socket/lin/modSocket.c, where `close` throws before it forgets). A board's does.
 *
 * @returns the heap after each of so many connections
 */
export async function measureSdkSockets(times: number): Promise<Heap[]> {
	const image = await buildSimulator("test/soak/moddable");
	const server = createServer((socket) => {
		socket.on("error", () => {});
		socket.end();
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const configuration = { alone: (server.address() as AddressInfo).port, times };
	const log = new TraceLog();
	const start = () => startOnSimulator({ configuration, image, onEvent: log.event, onTrace: log.trace });
	const looks = () => log.lines.filter(isLook);
	try {
		await withBoard(log, start, () => log.waitForLine(() => looks().length === times));
		return looks().map((line) => JSON.parse(line));
	} finally {
		server.close();
	}
}

/** @returns the heap after the first connection, and after each reconnection */
export async function measureReconnects({ host, cloud: name, times, onHeap }: ReconnectOptions): Promise<Heap[]> {
	const start = await starts[host]();
	const store = await mkdtemp(join(tmpdir(), "dynreg-soak-"));
	const cloud = await startCloud();
	try {
		return await soak(start, cloud, store);
	} finally {
		await cloud.close();
		await rm(store, { recursive: true, force: true });
	}

	async function soak(start: StartBoard, cloud: Cloud, store: string): Promise<Heap[]> {
		const product = { cloud: name, id: "SOAK000001", secret: "InventedSecretOfTheSoaks" };
		const device = "board-1";
		const log = new TraceLog();
		const { administration } = cloud;
		const heaps: Heap[] = [];
		const configuration = { ...(await demoBoard(cloud, product, device)), timeScale: timeScale(name) };
		await withBoard(
			log,
			() => start(configuration, store, log),
			async ({ heap }) => {
				for (let time = 0; time <= times; time++) {
					const after = time > 0 ? log.entries.length : 0;
					if (time > 0) administration.disconnectDevice(name, product.id, device);
					// The platform's time, if it has any, is the last that comes by itself.
					const last = hasTimeService(name) ? "clock" : "online";
					const { index } = await log.waitFor(last, { after, timeout: timeout });
					const [now] = await Promise.all([
						heap(index),
						sendWhenSubscribed(administration, [name, product.id, device], '{"look":"at the heap"}', timeout),
					]);
					heaps.push(now);
					onHeap?.(now, time);
				}
			},
		);
		const operations = administration
			.requests()
			.map(({ operation }) => operation)
			.filter((operation) => operation.startsWith("register/"));
		// Some platforms have further operations in a registration.
		const registrations = operations.filter((operation) => operation === operations[0]);
		if (registrations.length !== 1) throw new Error(`the board has registered ${registrations.length} times`);
		return heaps;
	}
}
