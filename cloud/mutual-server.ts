/**
 * A TLS server that demands a certificate of its clients, and leaves it to others to judge it.
 *
 * `tls.createServer` has no such thing: it either asks for a certificate and does without, or drops,
 * without a word, who has one that its authorities have not issued. Here the handshake fails, with
 * the alert that is due, for who has none, and for who does not hold the private key.
 */

import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket, type TlsOptions } from "node:tls";
import type { TlsListener } from "./trust.js";

export interface MutualServer extends TlsListener {
	readonly server: Server;
}

export interface MutualServerEvents {
	/** TCP, before the handshake. */
	connection(socket: Socket): void;
	/** The handshake is done, and there is a certificate. */
	secure(socket: TLSSocket): void;
	/** The handshake failed. */
	failed(error: NodeJS.ErrnoException): void;
}

export function createMutualServer(options: TlsOptions, events: MutualServerEvents): MutualServer {
	let context = contextOf(options);
	const { handshakeTimeout = 0 } = options;
	const server = createServer((tcp) => {
		events.connection(tcp);
		// What befalls it, befalls the TLS socket too.
		tcp.on("error", () => {});
		const socket = new TLSSocket(tcp, {
			isServer: true,
			secureContext: context,
			requestCert: true,
			rejectUnauthorized: true,
		});
		const fail = (error: NodeJS.ErrnoException): void => {
			settle();
			// What comes of its end is no news.
			socket.on("error", () => {}).destroy();
			events.failed(error);
		};
		const hungUp = (): void => fail(failure("ECONNRESET"));
		const timer = setTimeout(() => fail(failure("ERR_TLS_HANDSHAKE_TIMEOUT")), handshakeTimeout);
		const settle = (): void => {
			clearTimeout(timer);
			socket.off("error", fail).off("close", hungUp).off("secure", succeed);
		};
		const succeed = (): void => {
			settle();
			events.secure(socket);
		};
		socket.once("error", fail).once("close", hungUp).once("secure", succeed);
	});
	return {
		server,
		setSecureContext(next) {
			context = contextOf(next);
		},
	};
}

function contextOf(options: TlsOptions): SecureContext {
	// Without a name for its sessions, OpenSSL refuses to resume those of clients with certificates.
	return createSecureContext({ ...options, sessionIdContext: "dynreg mutual" });
}

function failure(code: string): NodeJS.ErrnoException {
	return Object.assign(new Error(code), { code });
}
