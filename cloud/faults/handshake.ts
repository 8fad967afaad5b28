/**
 * A TLS handshake that fails at a step of its own. What is struck is always TLS 1.2, whose messages are in the clear
 * until both sides have changed to their keys: so what the server says can be stopped at any of them.
 */

import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { createSecureContext, TLSSocket, type TlsOptions } from "node:tls";

/** The server's messages in their order, each for what happens in its place; `established`: once the handshake is done. */
export const STEPS = [
	"server-hello",
	"certificate",
	"server-key-exchange",
	"server-hello-done",
	"finished",
	"established",
] as const;

export type Step = (typeof STEPS)[number];

/** RFC 5246, section 6.2.1 */
const record = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 };
/** RFC 5246, section 7.4 */
const messages: Partial<Record<Step, number>> = {
	"server-hello": 2,
	certificate: 11,
	"server-key-exchange": 12,
	"server-hello-done": 14,
};
const FATAL = 2;

/** What happens at the step. */
export type Deed = "alert" | "drop" | "silence";

/**
 * Begins a handshake, which comes no further than this.
 *
 * @param alert its number; an alert after the handshake is the TLS library's own, 20 (bad_record_mac)
 */
export function failHandshake(socket: Socket, options: TlsOptions, step: Step, deed: Deed, alert: number): void {
	const relay = new Relay(socket, step, () => {
		if (deed === "drop") socket.destroy();
		else if (deed === "alert" && step === "established") relay.disturb();
		else if (deed === "alert") socket.end(framed(record.alert, Buffer.of(FATAL, alert)));
	});
	// What stands in for a server believes nobody, and is gone before it matters.
	const secureContext = createSecureContext({ ...options, maxVersion: "TLSv1.2" });
	const { requestCert = false } = options;
	const server = new TLSSocket(relay, { isServer: true, secureContext, requestCert, rejectUnauthorized: false });
	server.on("error", () => {});
	server.resume();
	socket.on("data", (bytes: Buffer) => relay.push(bytes));
	socket.once("close", () => relay.destroy());
}

/** Stands between a TLS server and its client, and stops the server's words. */
class Relay extends Duplex {
	readonly #client: Socket;
	readonly #step: Step;
	readonly #strike: () => void;
	#unread: Buffer = Buffer.alloc(0);
	/** The server's first words are over. */
	#helloDone = false;
	/** The server has changed to its keys. */
	#encrypted = false;
	#struck = false;
	#disturbed = false;

	constructor(client: Socket, step: Step, strike: () => void) {
		super();
		this.#client = client;
		this.#step = step;
		this.#strike = strike;
	}

	/** Makes the server end the connection by an alert of its own, which only it can encrypt. */
	disturb(): void {
		this.#disturbed = true;
		this.push(framed(record.applicationData, randomBytes(64)));
	}

	override _read(): void {}

	override _write(bytes: Buffer, _: BufferEncoding, done: () => void): void {
		this.#unread = Buffer.concat([this.#unread, bytes]);
		while (this.#unread.length >= 5 && this.#unread.length >= 5 + this.#unread.readUInt16BE(3)) {
			const end = 5 + this.#unread.readUInt16BE(3);
			this.#pass(this.#unread.subarray(0, end));
			this.#unread = this.#unread.subarray(end);
		}
		done();
	}

	#pass(whole: Buffer): void {
		if (this.#struck) {
			if (this.#disturbed) this.#client.end(whole);
			return;
		}
		const [type] = whole;
		if (this.#step === "finished" && this.#helloDone) this.#stop();
		else if (this.#encrypted) {
			this.#client.write(whole);
			this.#stop();
		} else if (type === record.handshake) this.#passMessages(whole.subarray(5));
		else {
			this.#encrypted = type === record.changeCipherSpec;
			this.#client.write(whole);
		}
	}

	#passMessages(all: Buffer): void {
		for (let start = 0; start < all.length && !this.#struck; ) {
			const end = start + 4 + all.readUIntBE(start + 1, 3);
			if (all[start] === messages[this.#step]) this.#stop();
			else this.#client.write(framed(record.handshake, all.subarray(start, end)));
			this.#helloDone ||= all[start] === messages["server-hello-done"];
			start = end;
		}
	}

	#stop(): void {
		this.#struck = true;
		this.#strike();
	}
}

function framed(type: number, contents: Buffer): Buffer {
	return Buffer.concat([Buffer.of(type, 3, 3, contents.length >> 8, contents.length & 0xff), contents]);
}
