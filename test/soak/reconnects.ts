/** One board that loses its connection again and again, and how much of its heap is in use each time it is back. */

import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSimulator, startBoard as startOnSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { type DemoCloud, demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import type { Board } from "@dynreg/node/internal/board";
import { startBoard as startOnXs } from "@dynreg/xs/internal/board";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";

/** What is in use after a garbage collection, by what the engine can tell. */
export type Heap = Readonly<Record<string, number>>;

/** A board that tells of its heap after each message that it gets. */
interface Soaked {
	readonly board: Board;
	/** The next look, and its numbers. */
	heap(): Promise<Heap>;
}

type Start = (configuration: RawConfiguration, store: string, onEvent: (event: BoardEvent) => void) => Promise<Soaked>;

const entry = fileURLToPath(new URL("./xs-board.js", import.meta.url));

const starts: Readonly<Record<"xs" | "sim", () => Promise<Start>>> = {
	xs: async () => async (configuration, store, onEvent) => {
		let looked = () => {};
		const board = await startOnXs({
			configuration,
			store: join(store, "flash.json"),
			entry,
			onEvent(event) {
				onEvent(event);
				if (event.event === "message") looked();
			},
		});
		return {
			board,
			async heap() {
				await new Promise<void>((resolve) => {
					looked = resolve;
				});
				// The collection comes in the same turn of the engine as the event.
				const { heapCount: slots, allocated } = await board.meters();
				return { slots, allocated };
			},
		};
	},
	sim: async () => {
		const image = await buildSimulator("test/soak/moddable");
		return async (configuration, store, onEvent) => {
			let looked = (_: Heap) => {};
			const board = await startOnSimulator({
				configuration,
				store,
				image,
				onEvent,
				onTrace(line) {
					if (line.startsWith('{"slots":')) looked(JSON.parse(line));
				},
			});
			return {
				board,
				heap: () =>
					new Promise((resolve) => {
						looked = resolve;
					}),
			};
		};
	},
};

export interface Reconnects {
	readonly host: keyof typeof starts;
	readonly cloud: DemoCloud;
	readonly times: number;
	/** Hears of each look. */
	readonly onHeap?: (heap: Heap, time: number) => void;
}

/** Milliseconds from one look at the heap to the next; then something is wrong. */
const patience = 60_000;

/**
 * What the SDK keeps of each socket that the other side has closed, in the simulator: its own code never lets go of
 * the object (modules/network/socket/lin/modSocket.c, where `close` throws before it forgets). A board's does.
 *
 * @returns the heap after each of so many connections
 */
export async function connectAlone(times: number): Promise<Heap[]> {
	const image = await buildSimulator("test/soak/moddable");
	const server = createServer((socket) => {
		socket.on("error", () => {});
		socket.end();
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const heaps: Heap[] = [];
	try {
		await new Promise<void>((resolve, reject) => {
			const starting = startOnSimulator({
				configuration: { alone: (server.address() as AddressInfo).port, times },
				image,
				onEvent() {},
				onTrace(line) {
					if (!line.startsWith('{"slots":')) return;
					heaps.push(JSON.parse(line));
					if (heaps.length === times) starting.then((board) => board.kill());
				},
			});
			starting.then((board) => board.exited).then(({ message }) => (message ? reject(new Error(message)) : resolve()));
		});
		return heaps;
	} finally {
		server.close();
	}
}

/** @returns the heap after the first connection, and after each reconnection */
export async function reconnect({ host, cloud: name, times, onHeap }: Reconnects): Promise<Heap[]> {
	const start = await starts[host]();
	const store = await mkdtemp(join(tmpdir(), "dynreg-soak-"));
	const cloud = await startCloud();
	try {
		return await soak(start, cloud, store);
	} finally {
		await cloud.close();
		await rm(store, { recursive: true, force: true });
	}

	async function soak(start: Start, cloud: Cloud, store: string): Promise<Heap[]> {
		const product = { cloud: name, id: "SOAK000001", secret: "a-secret-to-soak-with" };
		const device = "board-1";
		let isOnline = () => {};
		let last = "nothing";
		const { board, heap } = await start(demoConfiguration(cloud, product, device), store, (event) => {
			last = JSON.stringify(event);
			// The platform's time is the last that comes by itself.
			if (event.event === "clock") isOnline();
		});
		const ended = board.exited.then(({ message }) => Promise.reject(new Error(message || `the last was ${last}`)));
		ended.catch(() => {});
		const { administration } = cloud;
		const heaps: Heap[] = [];
		try {
			for (let time = 0; time <= times; time++) {
				const online = new Promise<void>((resolve) => {
					isOnline = resolve;
				});
				const late = setTimeout(board.kill, patience);
				if (time > 0) administration.disconnectDevice(name, product.id, device);
				await Promise.race([online, ended]);
				const looked = heap();
				await administration.sendMessage(name, product.id, device, '{"look":"at the heap"}');
				const now = await Promise.race([looked, ended]);
				clearTimeout(late);
				heaps.push(now);
				onHeap?.(now, time);
			}
			const registrations = administration.requests().filter(({ operation }) => operation.startsWith("register/"));
			if (registrations.length !== 1) throw new Error(`the board has registered ${registrations.length} times`);
			return heaps;
		} finally {
			board.kill();
			await board.exited;
		}
	}
}
