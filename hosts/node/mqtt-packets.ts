/** The packets of MQTT 3.1.1 that a client sends and receives (sections 2 and 3 of the standard). */

import type { Bytes, MqttConnectOptions } from "dynreg/contracts/host";

/** Section 2.2.1 */
export const packetTypes = {
	connack: 2,
	publish: 3,
	puback: 4,
	pubrec: 5,
	pubrel: 6,
	pubcomp: 7,
	suback: 9,
	unsuback: 11,
	pingresp: 13,
} as const;

const received: readonly number[] = Object.values(packetTypes);

export interface Packet {
	readonly type: number;
	readonly qos: number;
	readonly body: Buffer;
}

/** The peer has broken the protocol. */
export class PacketError extends Error {
	readonly code: "answer-too-large" | "bad-answer";

	constructor(code: "answer-too-large" | "bad-answer", message: string) {
		super(message);
		this.code = code;
	}
}

const malformed = (message: string): PacketError => new PacketError("bad-answer", message);

/** Cuts what arrives into packets. */
export class PacketReader {
	readonly #limit: number;
	#bytes: Buffer = Buffer.alloc(0);

	/** @param limit maximum bytes of a packet behind its length; a longer one is an error when it is announced */
	constructor(limit: number) {
		this.#limit = limit;
	}

	/** Adds the next bytes of the connection. */
	push(bytes: Buffer): void {
		this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
	}

	/**
	 * The next packet; undefined if it is incomplete.
	 *
	 * @throws PacketError if it is too long, or none that a broker may send
	 */
	next(): Packet | undefined {
		const bytes = this.#bytes;
		const [header] = bytes;
		if (header === undefined) return undefined;
		const type = header >> 4;
		const flags = header & 0x0f;
		const qos = (flags >> 1) & 0x03;
		if (!received.includes(type)) throw malformed(`packet type ${type}`);
		// No subscription is granted QoS 2. Section 2.2.2: other packets have fixed flags.
		if (type === packetTypes.publish ? qos > 1 : flags !== (type === packetTypes.pubrel ? 2 : 0))
			throw malformed(`packet type ${type} with flags ${flags}`);
		let length = 0;
		for (let at = 1; at < bytes.length; at++) {
			const byte = bytes.readUInt8(at);
			length += (byte & 0x7f) * 128 ** (at - 1);
			if (length > this.#limit) throw new PacketError("answer-too-large", `packet of ${length} bytes or more`);
			if (byte > 0x7f) {
				if (at === 4) throw malformed("length of more than four bytes");
				continue;
			}
			const start = at + 1;
			if (bytes.length < start + length) return undefined;
			this.#bytes = bytes.subarray(start + length);
			return { type, qos, body: bytes.subarray(start, start + length) };
		}
		return undefined;
	}
}

/** Sections 3.2, 3.4 to 3.7, 3.9, 3.11 and 3.13: all but PUBLISH have a fixed length; a SUBACK here is for one filter. */
export function checkLength({ type, body }: Packet): void {
	const expected = type === packetTypes.suback ? 3 : type === packetTypes.pingresp ? 0 : 2;
	if (body.length !== expected) throw malformed(`packet type ${type} of ${body.length} bytes`);
}

export interface ReceivedMessage {
	readonly topic: string;
	readonly payload: Uint8Array;
	/** With QoS 1. */
	readonly id?: number;
}

/** Section 3.3. @throws PacketError */
export function readPublish({ qos, body }: Packet): ReceivedMessage {
	const end = body.length < 2 ? Number.POSITIVE_INFINITY : 2 + body.readUInt16BE(0);
	const start = end + 2 * qos;
	if (start > body.length) throw malformed("message that is shorter than its topic and packet id");
	const topic = body.toString("utf8", 2, end);
	const payload = new Uint8Array(body.subarray(start));
	if (qos === 0) return { topic, payload };
	const id = body.readUInt16BE(end);
	if (id === 0) throw malformed("message with packet id 0");
	return { topic, payload, id };
}

/** Section 3.1 */
export function connectPacket({ clientId, username, password, keepAlive }: MqttConnectOptions): Buffer {
	// User name, password, clean session.
	const flags = 0x80 | (password ? 0x40 : 0) | 0x02;
	return packet(
		0x10,
		text("MQTT"),
		Buffer.of(4, flags),
		number(keepAlive),
		text(clientId),
		text(username),
		...(password ? [text(password.reveal())] : []),
	);
}

/** Section 3.3. @param id with QoS 1 */
export function publishPacket(topic: string, payload: Bytes, id: number | undefined, duplicate: boolean): Buffer {
	if (id === undefined) return packet(0x30, text(topic), Buffer.from(payload));
	return packet(duplicate ? 0x3a : 0x32, text(topic), number(id), Buffer.from(payload));
}

/** Section 3.8 */
export function subscribePacket(id: number, filter: string, qos: 0 | 1): Buffer {
	return packet(0x82, number(id), text(filter), Buffer.of(qos));
}

/** Section 3.10 */
export function unsubscribePacket(id: number, filter: string): Buffer {
	return packet(0xa2, number(id), text(filter));
}

/** Section 3.4 */
export function pubackPacket(id: number): Buffer {
	return packet(0x40, number(id));
}

export const pingreqPacket = Buffer.of(0xc0, 0);
export const disconnectPacket = Buffer.of(0xe0, 0);

function packet(header: number, ...parts: Buffer[]): Buffer {
	const body = Buffer.concat(parts);
	const length: number[] = [];
	for (let rest = body.length; rest > 0 || length.length === 0; rest >>= 7)
		length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
	return Buffer.concat([Buffer.of(header, ...length), body]);
}

function text(value: string): Buffer {
	const bytes = Buffer.from(value);
	return Buffer.concat([number(bytes.length), bytes]);
}

function number(value: number): Buffer {
	return Buffer.of(value >> 8, value & 0xff);
}
