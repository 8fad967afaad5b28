/**
 * A TLS handshake that fails at a chosen step. It is always TLS 1.2, whose messages are not encrypted until both sides
 * have sent ChangeCipherSpec, so the server can be stopped at any of its messages.
 */

import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { createSecureContext, TLSSocket, type TlsOptions } from "node:tls";

/** The server's messages in order: the fault happens in place of one. `established`: after the handshake. */
export const handshakeSteps = [
	"server-hello",
	"certificate",
	"server-key-exchange",
	"server-hello-done",
	"finished",
	"established",
] as const;

export type HandshakeStep = (typeof handshakeSteps)[number];

/** RFC 5246, section 6.2.1 */
const record = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 };
/** RFC 5246, section 7.4 */
const messages: Partial<Record<HandshakeStep, number>> = {
	"server-hello": 2,
	certificate: 11,
	"server-key-exchange": 12,
	"server-hello-done": 14,
};
const fatal = 2;

/** What happens at the step. */
export type HandshakeAction = "alert" | "drop" | "silence";

/**
 * Begins a handshake that gets no further than this step.
 *
 * @param alert its number; an alert after the handshake is always the TLS library's own, 20 (bad_record_mac)
 */
export function failHandshake(
	socket: Socket,
	options: TlsOptions,
	step: HandshakeStep,
	action: HandshakeAction,
	alert: number,
): void {
	const relay = new Relay(socket, step, action === "alert", () => {
		if (action === "drop") socket.destroy();
		else if (action === "alert" && step === "established") relay.provokeAlert();
		else if (action === "alert") socket.end(framed(record.alert, Buffer.of(fatal, alert)));
	});
	// This server never gets as far as to judge the client's certificate.
	// The server's own order, which begins with ECDHE: without it there is no ServerKeyExchange.
	const secureContext = createSecureContext({ ...options, maxVersion: "TLSv1.2", honorCipherOrder: true });
	const { requestCert = false } = options;
	const server = new TLSSocket(relay, { isServer: true, secureContext, requestCert, rejectUnauthorized: false });
	server.on("error", () => {});
	server.resume();
	socket.on("data", (bytes: Buffer) => relay.push(bytes));
	socket.once("close", () => relay.destroy());
}

/** Relays between a TLS server and its client, and stops the server's messages at the step. */
class Relay extends Duplex {
	readonly #client: Socket;
	readonly #step: HandshakeStep;
	readonly #isAlert: boolean;
	readonly #onStep: () => void;
	#unread: Buffer = Buffer.alloc(0);
	/** The server has sent ServerHelloDone. */
	#helloDone = false;
	/** The server has sent ChangeCipherSpec. */
	#encrypted = false;
	#stopped = false;
	#alertProvoked = false;

	constructor(client: Socket, step: HandshakeStep, isAlert: boolean, onStep: () => void) {
		super();
		this.#isAlert = isAlert;
		this.#client = client;
		this.#step = step;
		this.#onStep = onStep;
	}

	/** Makes the server end the connection by an alert, which only the server can encrypt. */
	provokeAlert(): void {
		this.#alertProvoked = true;
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
		if (this.#stopped) {
			if (this.#alertProvoked) this.#client.end(whole);
			return;
		}
		const [type] = whole;
		if (this.#step === "finished" && this.#helloDone) this.#stop();
		else if (this.#encrypted) {
			// With an alert behind it in the same segment: a client that is quick would take a later one for the session's end.
			if (this.#isAlert) this.#client.cork();
			this.#client.write(whole);
			this.#stop();
		} else if (type === record.handshake) this.#passMessages(whole.subarray(5));
		else {
			this.#encrypted = type === record.changeCipherSpec;
			this.#client.write(whole);
		}
	}

	#passMessages(all: Buffer): void {
		for (let start = 0; start < all.length && !this.#stopped; ) {
			const end = start + 4 + all.readUIntBE(start + 1, 3);
			if (all[start] === messages[this.#step]) this.#stop();
			else this.#client.write(framed(record.handshake, all.subarray(start, end)));
			this.#helloDone ||= all[start] === messages["server-hello-done"];
			start = end;
		}
	}

	#stop(): void {
		this.#stopped = true;
		this.#onStep();
	}
}

function framed(type: number, contents: Buffer): Buffer {
	return Buffer.concat([Buffer.of(type, 3, 3, contents.length >> 8, contents.length & 0xff), contents]);
}
