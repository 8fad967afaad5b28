import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { record, serverHello, type } from "./messages.js";

const changeCipherSpec = 20;
const newSessionTicket = 4;
const finished = 20;

/** Of a ClientHello in one record. */
export interface Offer {
	/** The whole record. */
	readonly record: Buffer;
	readonly id: Uint8Array;
	readonly ticket: Uint8Array;
	/** Types of its extensions. */
	readonly extensions: readonly number[];
}

/**
 * Resumes a session of TLS 1.2, and issues a ticket in the same record as the ServerHello (RFC 5077, section 3.3), which
 * OpenSSL does only at the end of a ticket's life, and in another record.
 *
 * @param issued the ticket, and the hint of its lifetime in seconds
 * @param onData application data, with a function that responds
 */
export function renewSession(
	client: Socket,
	{ record: clientHello, id, extensions }: Offer,
	masterSecret: Buffer,
	issued: { readonly ticket: Buffer; readonly lifetime: number },
	onData: (bytes: Buffer, respond: (bytes: Buffer) => void) => void,
): void {
	const hello = clientHello.subarray(5);
	const clientRandom = hello.subarray(6, 38);
	const response = Buffer.concat([serverHello(id), list(helloExtensions(extensions))]);
	const serverRandom = response.subarray(2, 34);
	const flight = [
		message(2, response),
		message(newSessionTicket, Buffer.concat([Buffer.of(0, 0, 0, issued.lifetime), list(issued.ticket)])),
	];
	const keys = prf(masterSecret, "key expansion", Buffer.concat([serverRandom, clientRandom]), 40);
	const server = new Cipher(keys.subarray(16, 32), keys.subarray(36, 40));
	const board = new Cipher(keys.subarray(0, 16), keys.subarray(32, 36));
	const seen = [hello, ...flight];
	const own = message(finished, verifyData(masterSecret, "server finished", seen));
	client.write(
		Buffer.concat([
			record(type.handshake, Buffer.concat(flight)),
			record(changeCipherSpec, Buffer.of(1)),
			server.seal(type.handshake, own),
		]),
	);
	const expected = message(finished, verifyData(masterSecret, "client finished", [...seen, own]));
	let isOver = false;
	let rest: Buffer = Buffer.alloc(0);
	client.on("data", (bytes: Buffer) => {
		rest = Buffer.concat([rest, bytes]);
		while (rest.length >= 5 && rest.length >= 5 + rest.readUInt16BE(3)) {
			const next = rest.subarray(0, 5 + rest.readUInt16BE(3));
			rest = rest.subarray(next.length);
			if (next[0] === changeCipherSpec) continue;
			if (next[0] === type.alert) return void client.destroy();
			const plain = board.open(next);
			if (isOver) onData(plain, (reply) => client.write(server.seal(type.applicationData, reply)));
			else if (plain.equals(expected)) isOver = true;
			else return void client.destroy();
		}
	});
}

/** What OpenSSL needs to hear: extended_master_secret and renegotiation_info if it has them; and session_ticket. */
function helloExtensions(offered: readonly number[]): Buffer {
	return Buffer.concat([
		Buffer.of(0, 35, 0, 0),
		...(offered.includes(23) ? [Buffer.of(0, 23, 0, 0)] : []),
		Buffer.of(0xff, 0x01, 0, 1, 0),
	]);
}

function message(kind: number, body: Buffer): Buffer {
	return Buffer.concat([Buffer.of(kind, body.length >> 16, (body.length >> 8) & 255, body.length & 255), body]);
}

function list(bytes: Buffer): Buffer {
	return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 255), bytes]);
}

/** RFC 5246, section 7.4.9 */
function verifyData(secret: Buffer, label: string, messages: readonly Buffer[]): Buffer {
	return prf(secret, label, createHash("sha256").update(Buffer.concat(messages)).digest(), 12);
}

/** RFC 5246, section 5 */
function prf(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
	const whole = Buffer.concat([Buffer.from(label), seed]);
	const hmac = (bytes: Buffer): Buffer => createHmac("sha256", secret).update(bytes).digest();
	let a: Buffer = whole;
	let result: Buffer = Buffer.alloc(0);
	while (result.length < length) {
		a = hmac(a);
		result = Buffer.concat([result, hmac(Buffer.concat([a, whole]))]);
	}
	return result.subarray(0, length);
}

/** AES-128-GCM of one direction (RFC 5288, section 3). */
class Cipher {
	readonly #key: Buffer;
	readonly #salt: Buffer;
	#sequence = 0n;

	constructor(key: Buffer, salt: Buffer) {
		this.#key = key;
		this.#salt = salt;
	}

	seal(kind: number, plain: Buffer): Buffer {
		const nonce = randomBytes(8);
		const cipher = createCipheriv("aes-128-gcm", this.#key, Buffer.concat([this.#salt, nonce]));
		cipher.setAAD(this.#associated(kind, plain.length));
		const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
		return record(kind, Buffer.concat([nonce, sealed, cipher.getAuthTag()]));
	}

	/** @throws Error unless the other side has the same keys */
	open(whole: Buffer): Buffer {
		const body = whole.subarray(5);
		const cipher = createDecipheriv("aes-128-gcm", this.#key, Buffer.concat([this.#salt, body.subarray(0, 8)]));
		cipher.setAAD(this.#associated(whole.readUInt8(0), body.length - 24));
		cipher.setAuthTag(body.subarray(-16));
		return Buffer.concat([cipher.update(body.subarray(8, -16)), cipher.final()]);
	}

	#associated(kind: number, length: number): Buffer {
		const data = Buffer.alloc(13);
		data.writeBigUInt64BE(this.#sequence++);
		data.set([kind, 3, 3, length >> 8, length & 255], 8);
		return data;
	}
}
