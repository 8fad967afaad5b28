import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { clientName } from "./client-name.js";

/** MQTT 3.1.1 section 2.2.1 */
const type = { connect: 1, publish: 3, puback: 4, subscribe: 8, unsubscribe: 10, ping: 12, disconnect: 14 };

interface Peer {
	readonly socket: Socket;
	/** With the QoS that was granted. */
	readonly topics: Map<string, 0 | 1>;
	readonly report: Report;
	/** Packet ids of messages on `hold`, whose acknowledgement waits for a message of anybody on `release`. */
	readonly held: number[];
}

/** What a client did: the message on `report` for a client that publishes there. */
export interface Report {
	/** Messages with QoS 1, by how many had the DUP flag, and the most that waited for an acknowledgement at once. */
	received: number;
	duplicates: number;
	mostHeld: number;
	/** Packet ids used a second time while the first waited. */
	reused: number;
	/** Messages to the client that it has acknowledged. */
	acknowledged: number;
	unsubscribed: string[];
}

/**
 * A small MQTT broker, QoS 0 and 1, that misbehaves when asked to: by user name
 * (`refuse-N`, `silent`, `garbage`, `cut`, `early`, `deaf`, `raw-HEX`), by topic
 * (`drop`, `trickle`, `burst`, `connect`, `peer`, `resumed`, `alpn`, `raw`, `hold`, `stop-reading`), and by filter (`refused`, `unanswered`,
 * `two-grants`, `no-grant`, `grant-N`).
 *
 * @returns what to do with a new connection
 */
export function brokerConnection(): (socket: Socket) => void {
	const peers = new Set<Peer>();
	/** Of messages to clients. */
	let lastId = 0;

	return (socket) => {
		const report: Report = { received: 0, duplicates: 0, mostHeld: 0, reused: 0, acknowledged: 0, unsubscribed: [] };
		const peer: Peer = { socket, topics: new Map(), report, held: [] };
		let connect: Connect | undefined;
		let waiting: Buffer = Buffer.alloc(0);
		/** Section 3.1.2.10: silent for one and a half times the keep alive, and the connection is closed. */
		let silence: NodeJS.Timeout | undefined;

		peers.add(peer);
		socket.on("error", () => {});
		socket.on("close", () => {
			clearTimeout(silence);
			peers.delete(peer);
		});
		socket.on("data", (bytes: Buffer) => {
			waiting = Buffer.concat([waiting, bytes]);
			for (let packet = firstPacket(waiting); packet; packet = firstPacket(waiting)) {
				waiting = waiting.subarray(packet.size);
				clearTimeout(silence);
				receive(packet);
				if (connect && connect.username !== "deaf")
					silence = setTimeout(() => socket.destroy(), connect.keepAlive * 1500);
			}
		});

		function receive({ type: kind, flags, body }: Packet): void {
			if (kind === type.connect) {
				connect = parseConnect(body);
				sendConnack(socket, connect.username);
			} else if (connect?.username === "deaf") return;
			else if (kind === type.subscribe) subscribe(body);
			else if (kind === type.unsubscribe) {
				const filter = body.toString("utf8", 4);
				peer.topics.delete(filter);
				report.unsubscribed.push(filter);
				socket.write(Buffer.of(0xb0, 2, body.readUInt8(0), body.readUInt8(1)));
			} else if (kind === type.publish) {
				const end = 2 + body.readUInt16BE(0);
				const qos = (flags >> 1) & 3;
				const topic = body.toString("utf8", 2, end);
				if (qos === 1) acknowledge(topic, body.readUInt16BE(end), (flags & 8) !== 0);
				deliver(topic, body.subarray(end + 2 * qos), qos);
			} else if (kind === type.puback) report.acknowledged++;
			else if (kind === type.ping) socket.write(Buffer.of(0xd0, 0));
			else if (kind === type.disconnect) socket.end();
		}

		function subscribe(body: Buffer): void {
			const filter = body.toString("utf8", 4, 4 + body.readUInt16BE(2));
			const requested = body.readUInt8(body.length - 1) === 0 ? 0 : 1;
			const [high, low] = [body.readUInt8(0), body.readUInt8(1)];
			const suback = (...codes: number[]) => socket.write(Buffer.of(0x90, 2 + codes.length, high, low, ...codes));
			if (filter === "unanswered") return;
			if (filter.startsWith("refused")) suback(128);
			else if (filter === "two-grants") suback(0, 0);
			else if (filter === "no-grant") suback();
			else if (filter.startsWith("grant-")) suback(Number(filter.slice(6)));
			else {
				peer.topics.set(filter, requested);
				suback(requested);
			}
		}

		function acknowledge(topic: string, id: number, duplicate: boolean): void {
			const { held } = peer;
			report.received++;
			if (duplicate) report.duplicates++;
			if (topic !== "hold") {
				socket.write(puback(id));
				return;
			}
			if (held.includes(id)) report.reused++;
			held.push(id);
			report.mostHeld = Math.max(report.mostHeld, held.length);
		}

		function deliver(topic: string, payload: Buffer, qos: number): void {
			if (topic === "drop") socket.destroy();
			else if (topic === "connect") socket.write(publish(topic, Buffer.from(JSON.stringify(connect))));
			else if (topic === "report") socket.write(publish(topic, Buffer.from(JSON.stringify(report))));
			else if (topic === "release") {
				for (const { socket, held } of peers) for (const id of held.splice(0)) socket.write(puback(id));
			} else if (topic === "stop-reading") {
				socket.pause();
				setTimeout(() => socket.resume(), Number(payload.toString()));
			} else if (topic === "resumed") socket.write(publish(topic, Buffer.from(String(isResumed(socket)))));
			else if (topic === "alpn")
				socket.write(publish(topic, Buffer.from((socket instanceof TLSSocket && socket.alpnProtocol) || "")));
			else if (topic === "peer") socket.write(publish(topic, Buffer.from(clientName(socket))));
			else if (topic === "raw") socket.write(payload);
			else if (topic === "trickle") trickle(socket, publish(topic, payload));
			else if (topic === "burst") {
				// How many, and bytes of each, at least.
				const [count = 0, bytes = 0] = payload.toString().split(" ").map(Number);
				const text = (_: unknown, index: number) => publish(topic, Buffer.from(`burst ${index}`.padEnd(bytes, ".")));
				socket.write(Buffer.concat(Array.from({ length: count }, text)));
			} else
				for (const { socket, topics } of peers) {
					const granted = topics.get(topic);
					if (granted === undefined) continue;
					if (granted === 1 && qos === 1) lastId = (lastId % 65_535) + 1;
					socket.write(publish(topic, payload, granted === 1 && qos === 1 ? lastId : undefined));
				}
		}
	};
}

function sendConnack(socket: Socket, username: string): void {
	const accepted = Buffer.of(0x20, 2, 0, 0);
	if (username.startsWith("refuse-")) socket.end(Buffer.of(0x20, 2, 0, Number(username.slice(7))));
	else if (username === "garbage") socket.write("HTTP/1.1 400 Bad Request\r\n\r\n");
	else if (username === "cut") socket.destroy();
	else if (username === "early") socket.write(Buffer.concat([accepted, publish("early", Buffer.from("already here"))]));
	else if (username.startsWith("raw-")) socket.write(Buffer.from(username.slice(4), "hex"));
	else if (username !== "silent") socket.write(accepted);
}

interface Connect {
	readonly protocol: string;
	readonly level: number;
	readonly clean: boolean;
	readonly will: boolean;
	readonly keepAlive: number;
	readonly clientId: string;
	readonly username: string;
	readonly password: string | null;
}

/** Section 3.1 */
function parseConnect(body: Buffer): Connect {
	let position = 0;
	const text = () => {
		const start = position + 2;
		position = start + body.readUInt16BE(position);
		return body.toString("utf8", start, position);
	};
	const protocol = text();
	const level = body.readUInt8(position);
	const flags = body.readUInt8(position + 1);
	const keepAlive = body.readUInt16BE(position + 2);
	position += 4;
	const clientId = text();
	const username = flags & 0x80 ? text() : "";
	const password = flags & 0x40 ? text() : null;
	return {
		protocol,
		level,
		clean: (flags & 0x02) !== 0,
		will: (flags & 0x04) !== 0,
		keepAlive,
		clientId,
		username,
		password,
	};
}

interface Packet {
	readonly type: number;
	readonly flags: number;
	readonly body: Buffer;
	readonly size: number;
}

/** The first complete packet: section 2.2. */
function firstPacket(bytes: Buffer): Packet | undefined {
	let length = 0;
	for (let index = 1; index < Math.min(5, bytes.length); index++) {
		const byte = bytes.readUInt8(index);
		length |= (byte & 0x7f) << (7 * (index - 1));
		if (byte & 0x80) continue;
		const size = index + 1 + length;
		if (bytes.length < size) return undefined;
		return {
			type: bytes.readUInt8(0) >> 4,
			flags: bytes.readUInt8(0) & 15,
			body: bytes.subarray(index + 1, size),
			size,
		};
	}
	return undefined;
}

/** @param id for QoS 1 */
function publish(topic: string, payload: Buffer, id?: number): Buffer {
	const name = Buffer.from(topic);
	const body = Buffer.concat([
		Buffer.of(name.length >> 8, name.length & 0xff),
		name,
		...(id === undefined ? [] : [Buffer.of(id >> 8, id & 0xff)]),
		payload,
	]);
	const length: number[] = [];
	for (let rest = body.length; rest > 0 || length.length === 0; rest >>= 7)
		length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
	return Buffer.concat([Buffer.of((type.publish << 4) | (id === undefined ? 0 : 2), ...length), body]);
}

function puback(id: number): Buffer {
	return Buffer.of(type.puback << 4, 2, id >> 8, id & 0xff);
}

/** Whether the TLS session is that of an earlier connection. */
function isResumed(socket: Socket): boolean {
	return socket instanceof TLSSocket && socket.isSessionReused();
}

function trickle(socket: Socket, bytes: Buffer): void {
	let position = 0;
	const timer = setInterval(() => {
		socket.write(bytes.subarray(position, ++position));
		if (position === bytes.length) clearInterval(timer);
	}, 3);
}
