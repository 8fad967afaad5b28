import type { Socket } from "node:net";
import { nameOf } from "./peer.js";

/** MQTT 3.1.1 section 2.2.1 */
const type = { connect: 1, publish: 3, subscribe: 8, ping: 12, disconnect: 14 };

interface Peer {
	readonly socket: Socket;
	readonly topics: Set<string>;
}

/**
 * A small MQTT broker, QoS 0, that misbehaves when asked to: by user name
 * (`refuse-N`, `silent`, `garbage`, `cut`, `early`, `deaf`, `raw-HEX`) and by topic
 * (`drop`, `trickle`, `burst`, `connect`, `peer`, `raw`).
 *
 * @returns what to do with a new connection
 */
export function converse(): (socket: Socket) => void {
	const peers = new Set<Peer>();

	return (socket) => {
		const peer: Peer = { socket, topics: new Set() };
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
			for (let packet = first(waiting); packet; packet = first(waiting)) {
				waiting = waiting.subarray(packet.size);
				clearTimeout(silence);
				receive(packet.type, packet.body);
				if (connect && connect.username !== "deaf")
					silence = setTimeout(() => socket.destroy(), connect.keepAlive * 1500);
			}
		});

		function receive(kind: number, body: Buffer): void {
			if (kind === type.connect) {
				connect = parseConnect(body);
				greet(socket, connect.username);
			} else if (connect?.username === "deaf") return;
			else if (kind === type.subscribe) {
				peer.topics.add(body.toString("utf8", 4, 4 + body.readUInt16BE(2)));
				socket.write(Buffer.of(0x90, 3, body[0] ?? 0, body[1] ?? 0, 0));
			} else if (kind === type.publish) {
				const end = 2 + body.readUInt16BE(0);
				pass(body.toString("utf8", 2, end), body.subarray(end));
			} else if (kind === type.ping) socket.write(Buffer.of(0xd0, 0));
			else if (kind === type.disconnect) socket.end();
		}

		function pass(topic: string, payload: Buffer): void {
			if (topic === "drop") socket.destroy();
			else if (topic === "connect") socket.write(publish(topic, Buffer.from(JSON.stringify(connect))));
			else if (topic === "peer") socket.write(publish(topic, Buffer.from(nameOf(socket))));
			else if (topic === "raw") socket.write(payload);
			else if (topic === "trickle") trickle(socket, publish(topic, payload));
			else if (topic === "burst") {
				const count = Number(payload.toString());
				socket.write(
					Buffer.concat(Array.from({ length: count }, (_, index) => publish(topic, Buffer.from(`burst ${index}`)))),
				);
			} else for (const { socket, topics } of peers) if (topics.has(topic)) socket.write(publish(topic, payload));
		}
	};
}

function greet(socket: Socket, username: string): void {
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

/** The first complete packet: section 2.2. */
function first(bytes: Buffer): { type: number; body: Buffer; size: number } | undefined {
	let length = 0;
	for (let index = 1; index < Math.min(5, bytes.length); index++) {
		const byte = bytes.readUInt8(index);
		length |= (byte & 0x7f) << (7 * (index - 1));
		if (byte & 0x80) continue;
		const size = index + 1 + length;
		if (bytes.length < size) return undefined;
		return { type: bytes.readUInt8(0) >> 4, body: bytes.subarray(index + 1, size), size };
	}
	return undefined;
}

function publish(topic: string, payload: Buffer): Buffer {
	const name = Buffer.from(topic);
	const length: number[] = [];
	for (let rest = 2 + name.length + payload.length; rest > 0 || length.length === 0; rest >>= 7)
		length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
	return Buffer.concat([Buffer.of(type.publish << 4, ...length, name.length >> 8, name.length & 0xff), name, payload]);
}

function trickle(socket: Socket, bytes: Buffer): void {
	let position = 0;
	const timer = setInterval(() => {
		socket.write(bytes.subarray(position, ++position));
		if (position === bytes.length) clearInterval(timer);
	}, 3);
}
