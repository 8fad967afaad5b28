/** What the Moddable host's MQTT client sends for what a broker sends, on a socket like a chip's, packet by packet. */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { startBoard } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, missingSdkMessage, project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { firmwareFolder } from "@dynreg/cli/internal/state/folders";
import { startCloud } from "@dynreg/cloud";
import { demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import { withBoard } from "@dynreg/node";
import test, { type ExecutionContext } from "ava";
import { TraceLog } from "../support/trace-log.js";
import { buildChipLike } from "./chip-image.js";

/** One packet of the client's, whole. */
type Packet = Buffer;

class Broker {
	readonly packets: Packet[] = [];
	/** Packets by the chunk that they came in. */
	readonly chunks: number[] = [];
	readonly #socket: Socket;
	#waiting = Buffer.alloc(0);

	constructor(socket: Socket, answers: (packet: Packet) => Buffer | undefined) {
		this.#socket = socket;
		socket.on("error", () => {});
		socket.on("data", (bytes) => {
			this.#waiting = Buffer.concat([this.#waiting, bytes]);
			let count = 0;
			for (let packet = this.#next(); packet; packet = this.#next()) {
				count++;
				this.packets.push(packet);
				const answer = answers(packet);
				if (answer) socket.write(answer);
			}
			this.chunks.push(count);
		});
	}

	#next(): Packet | undefined {
		const bytes = this.#waiting;
		let length = 0;
		for (let at = 1; at < Math.min(5, bytes.length); at++) {
			length |= (bytes.readUInt8(at) & 127) << (7 * (at - 1));
			if (bytes.readUInt8(at) > 127) continue;
			const end = at + 1 + length;
			if (bytes.length < end) return undefined;
			this.#waiting = bytes.subarray(end);
			return bytes.subarray(0, end);
		}
		return undefined;
	}

	send(...packets: readonly Buffer[]): void {
		this.#socket.write(Buffer.concat(packets));
	}

	/** Has the client do something. */
	order(text: string): void {
		this.send(publish("do", text));
	}

	of(header: number): Packet[] {
		return this.packets.filter((packet) => packet.readUInt8(0) >> 4 === header >> 4);
	}

	pause(): void {
		this.#socket.pause();
	}

	resume(): void {
		this.#socket.resume();
	}

	destroy(): void {
		this.#socket.destroy();
	}
}

/** @param id with QoS 1 or 2 */
function publish(topic: string, payload: string, flags = 0, id?: number): Buffer {
	const name = Buffer.from(topic);
	const identifier = id === undefined ? [] : [id >> 8, id & 255];
	const body = Buffer.concat([Buffer.of(0, name.length), name, Buffer.from(identifier), Buffer.from(payload)]);
	const { length } = body;
	const lengths = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
	return Buffer.concat([Buffer.of(0x30 | flags, ...lengths), body]);
}

/** An acknowledgement of a packet with an identifier. */
function acknowledge(header: number, packet: Packet, ...more: readonly number[]): Buffer {
	const at = header === 0x40 ? packet.indexOf(1 + 1) : 2;
	const id = header === 0x40 ? identifier(packet) : packet.readUInt16BE(at);
	return Buffer.of(header, 2 + more.length, id >> 8, id & 255, ...more);
}

/** Of a PUBLISH with QoS 1. */
function identifier(packet: Packet): number {
	const start = packet.readUInt8(1) > 127 ? 3 : 2;
	return packet.readUInt16BE(start + 2 + packet.readUInt16BE(start));
}

const connack = Buffer.of(0x20, 2, 0, 0);

/** As a broker does. */
const wellBehaved = (packet: Packet): Buffer | undefined => {
	const header = packet.readUInt8(0);
	if (header === 0x10) return connack;
	if (header === 0x82) return acknowledge(0x90, packet, packet.at(-1) as number);
	if (header === 0xa2) return acknowledge(0xb0, packet);
	if (header === 0xc0) return Buffer.of(0xd0, 0);
	return header >> 4 === 3 && header & 2 ? acknowledge(0x40, packet) : undefined;
};

/** In front of a TLS server. @returns the length of each TLS record with the client's data: none is longer than a segment */
async function countingProxy(port: number) {
	const records: number[] = [];
	const server = createServer((client) => {
		let waiting = Buffer.alloc(0);
		const peer = connect(port, "127.0.0.1");
		client.on("error", () => {});
		peer.on("error", () => {});
		client.on("data", (bytes) => {
			waiting = Buffer.concat([waiting, bytes]);
			// RFC 5246, section 6.2.1; 23: application data.
			for (let length = 0; waiting.length >= 5; waiting = waiting.subarray(5 + length)) {
				length = waiting.readUInt16BE(3);
				if (waiting.length < 5 + length) break;
				if (waiting[0] === 23) records.push(length);
			}
		});
		client.pipe(peer).pipe(client);
	}).listen(0, "127.0.0.1");
	await once(server, "listening");
	return { records, port: (server.address() as AddressInfo).port, close: () => server.close() };
}

const silent = (packet: Packet): Buffer | undefined => (packet.readUInt8(0) === 0x10 ? connack : undefined);

if (findSdk() === undefined) {
	test.skip(`mqtt: skipped, ${missingSdkMessage}`, () => {});
} else {
	let image: string;

	test.before(async (t) => {
		t.timeout(400_000);
		image = await buildChipLike(join(project, "test/chip/operations"));
	});

	interface Board {
		readonly broker: Broker;
		/** The next line of the trace that begins with this. */
		says(beginning: string): Promise<string>;
		/** Whether a line begins with this. */
		hasSaid(beginning: string): boolean;
	}

	const run = async (
		t: ExecutionContext,
		answers: (packet: Packet) => Buffer | undefined,
		work: (board: Board) => Promise<void>,
	): Promise<void> => {
		t.timeout(120_000);
		const server = createServer().listen(0, "127.0.0.1");
		await once(server, "listening");
		const connected = new Promise<Broker>((resolve) => {
			server.once("connection", (socket) => resolve(new Broker(socket, answers)));
		});
		const log = new TraceLog();
		const configuration = { mqtt: String((server.address() as AddressInfo).port) };
		const start = () => startBoard({ image, configuration, onEvent: log.event, onTrace: log.trace });
		const lines: string[] = [];
		try {
			await withBoard(log, start, async () => {
				const broker = await connected;
				const says = async (beginning: string) => {
					const line = await log.waitForLine((each) => each.startsWith(beginning) && !lines.includes(each));
					lines.push(line);
					return line;
				};
				await says("connected");
				const hasSaid = (beginning: string) => String(log).includes(beginning);
				await work({ broker, says, hasSaid });
				broker.destroy();
			});
		} finally {
			server.close();
		}
	};

	const until = async (condition: () => boolean): Promise<void> => {
		for (const end = Date.now() + 10_000; !condition() && Date.now() < end; )
			await new Promise((resolve) => setTimeout(resolve, 20));
	};

	test.serial("mqtt: publishes, subscribes and unsubscribes with acknowledgements", (t) =>
		run(t, wellBehaved, async ({ broker, says }) => {
			for (const [order, result] of [
				["await 0 3 10", "ok 3"],
				["await 1 3 10", "ok 3"],
				["subscribe a/b 0", "0 1"],
				["subscribe a/c 1", "1 1"],
				["unsubscribe a/b", "ok 1"],
				["again", "ok 1"],
			] as const) {
				broker.order(order);
				t.is(await says(order), `${order}: ${result}`);
			}
			t.is(broker.of(0x30).at(-1)?.at(0), 0x3a);
			const ids = broker.of(0x30).slice(3).map(identifier);
			t.is(new Set(ids).size, 4);
			t.false(ids.includes(0));
		}),
	);

	test.serial("mqtt: what is written in one turn leaves in one segment", (t) =>
		run(t, wellBehaved, async ({ broker, says }) => {
			broker.order("publish 0 10 20");
			t.is(await says("publish"), "publish 0 10 20: ok 10");
			await until(() => broker.chunks.length > 1);
			t.deepEqual(broker.chunks, [1, 10]);
		}),
	);

	test.serial(
		"mqtt: over TLS, CONNECT leaves in one record, and the session's two SUBSCRIBE and PUBLISH in another",
		async (t) => {
			t.timeout(400_000);
			const firmware = await buildChipLike(firmwareFolder);
			const cloud = await startCloud();
			const proxy = await countingProxy(Number(new URL(cloud.urls.mqtts).port));
			const product = { cloud: "tencent", id: "SEGMENTS01", secret: "a-secret-of-segments" } as const;
			const configuration = demoConfiguration(cloud, product, "board-1");
			const endpoints = { ...configuration.endpoints, mqtt: `mqtts://localhost:${proxy.port}` };
			const log = new TraceLog();
			const start = () =>
				startBoard({
					image: firmware,
					now: Date.now(),
					configuration: { ...configuration, endpoints },
					onEvent: log.event,
					onTrace: log.trace,
				});
			const packets = () =>
				cloud.administration
					.requests()
					.map(({ operation }) => operation)
					.filter((operation) => operation === "connect" || operation === "subscribe" || operation === "publish");
			try {
				await withBoard(log, start, async () => {
					await log.waitFor("online");
					await until(() => packets().length >= 5);
					await new Promise((resolve) => setTimeout(resolve, 300));
				});
				// The last message is the application's.
				t.deepEqual(packets(), ["connect", "subscribe", "subscribe", "publish", "publish"]);
				t.log(`TLS records: ${proxy.records.join()}`);
				// The application's message may have one of its own.
				t.true(proxy.records.length <= 3);
				const own = `${product.id}/board-1`;
				const topics = [`${own}/control`, `$sys/operation/result/${own}`, `$sys/operation/${own}`];
				const least = topics.reduce((sum, topic) => sum + 4 + topic.length, 0);
				t.true((proxy.records[1] ?? 0) >= least);
			} finally {
				proxy.close();
				await cloud.close();
			}
		},
	);

	test.serial("mqtt: a burst without waiting ends neither the session nor the memory", (t) =>
		run(t, wellBehaved, async ({ broker, says }) => {
			broker.order("publish 0 1000 100");
			const [, sent = "", refused = "0"] =
				/^publish 0 1000 100: ok (\d+)(?:, queue-full (\d+))?$/.exec(await says("publish")) ?? [];
			t.is(Number(sent) + Number(refused), 1000);
			t.true(Number(sent) > 100);
			broker.order("publish 1 100 100");
			t.regex(await says("publish 1 100"), /: ok (32, queue-full 68|100)$/);
			broker.order("await 0 50 100");
			t.is(await says("await"), "await 0 50 100: ok 50");
			await until(() => broker.of(0x30).length === Number(sent) + 32 + 50);
			t.is(broker.of(0x30).length, Number(sent) + 32 + 50);
		}),
	);

	test.serial("mqtt: promises that nobody waits for are no unhandled rejections", (t) =>
		run(t, silent, async ({ broker, says, hasSaid }) => {
			broker.order("ignore");
			await says("ignore");
			broker.destroy();
			t.is(await says("closed"), "closed: connection-lost");
			await new Promise((resolve) => setTimeout(resolve, 500));
			t.false(hasSaid("unexpected"));
		}),
	);

	test.serial("mqtt: a lost PUBACK is connection-lost at the session's end", (t) =>
		run(t, silent, async ({ broker, says }) => {
			broker.order("publish 1 3 10");
			await until(() => broker.of(0x30).length === 3);
			broker.send(Buffer.of(0x40, 2, 0, 99));
			broker.send(acknowledge(0x40, broker.of(0x30)[1] as Packet));
			await new Promise((resolve) => setTimeout(resolve, 300));
			broker.destroy();
			t.is(await says("publish"), "publish 1 3 10: connection-lost 2, ok 1");
		}),
	);

	test.serial("mqtt: a late SUBACK and one with 128 reach their own operation", (t) =>
		run(t, silent, async ({ broker, says }) => {
			broker.order("subscribe a 0");
			broker.order("subscribe b 1");
			await until(() => broker.of(0x82).length === 2);
			const [a, b] = broker.of(0x82) as [Packet, Packet];
			// Of another kind, with the same identifier.
			broker.send(acknowledge(0xb0, a));
			broker.send(acknowledge(0x90, b, 128));
			t.is(await says("subscribe b"), "subscribe b 1: subscribe-refused 1");
			broker.send(acknowledge(0x90, a, 0));
			t.is(await says("subscribe a"), "subscribe a 0: 0 1");
		}),
	);

	test.serial("mqtt: a message with QoS 1 is acknowledged when it has been taken, a repeated one as well", (t) =>
		run(t, wellBehaved, async ({ broker, says, hasSaid }) => {
			broker.send(publish("do", "slow", 2, 7), publish("a", "next", 2, 8), publish("a", "again", 10, 8));
			await until(() => hasSaid("slow: "));
			t.deepEqual(broker.of(0x40), []);
			t.is(await says("message: a next"), "message: a next");
			t.is(await says("message: a again"), "message: a again");
			await until(() => broker.of(0x40).length === 3);
			t.deepEqual(Buffer.concat(broker.of(0x40)).toString("hex"), "400200074002000840020008");
		}),
	);

	test.serial(
		"mqtt: a broker that stops reading holds up the sender, and everything arrives when it reads again",
		(t) =>
			run(t, wellBehaved, async ({ broker, says, hasSaid }) => {
				broker.pause();
				broker.order("await 0 3000 1000");
				await new Promise((resolve) => setTimeout(resolve, 3000));
				t.false(hasSaid("await"));
				broker.resume();
				t.is(await says("await"), "await 0 3000 1000: ok 3000");
			}),
	);

	test.serial("mqtt: a broker that only writes is read no further than its acknowledgements are taken", (t) =>
		run(t, silent, async ({ broker, says }) => {
			broker.pause();
			for (let id = 1; id <= 3000; id++) broker.send(publish("a", "x".repeat(30), 2, id));
			await says("message: a 30");
			await new Promise((resolve) => setTimeout(resolve, 2000));
			broker.resume();
			await until(() => broker.of(0x40).length === 3000);
			t.is(broker.of(0x40).length, 3000);
		}),
	);
}
