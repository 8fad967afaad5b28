/**
 * A TLS server that requires a client certificate and leaves its verification to the caller.
 *
 * Node's TLS server either makes the certificate optional, or silently drops clients whose certificate its authorities
 * have not issued. Here the handshake fails with the proper alert if the certificate is missing, or if the client does
 * not prove that it holds the private key.
 */

import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket, type TlsOptions } from "node:tls";
import type { TlsListener } from "../certificates/certificate-selector.js";

export interface MtlsServer extends TlsListener {
	readonly server: Server;
}

export interface MtlsServerEvents {
	/** TCP, before the handshake. */
	connection(socket: Socket): void;
	/** The handshake has succeeded, with a certificate. */
	secure(socket: TLSSocket): void;
	/** The handshake has failed. */
	failed(error: NodeJS.ErrnoException): void;
}

export function createMtlsServer(options: TlsOptions, events: MtlsServerEvents): MtlsServer {
	let context = contextOf(options);
	const { handshakeTimeout = 0 } = options;
	const server = createServer((tcp) => {
		events.connection(tcp);
		// The TLS socket reports the same error.
		tcp.on("error", () => {});
		const socket = new TLSSocket(tcp, {
			isServer: true,
			secureContext: context,
			requestCert: true,
			rejectUnauthorized: true,
		});
		const fail = (error: NodeJS.ErrnoException): void => {
			settle();
			// Errors that follow from the end of the socket are not reported.
			socket.on("error", () => {}).destroy();
			events.failed(error);
		};
		const hungUp = (): void => fail(errorWith("ECONNRESET"));
		const timer = setTimeout(() => fail(errorWith("ERR_TLS_HANDSHAKE_TIMEOUT")), handshakeTimeout);
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
	// Without a session id context, OpenSSL refuses to resume sessions of clients with certificates.
	return createSecureContext({ ...options, sessionIdContext: "dynreg mutual" });
}

function errorWith(code: string): NodeJS.ErrnoException {
	return Object.assign(new Error(code), { code });
}
