/**
 * A TLS server that leaves the verification of client certificates to the caller.
 *
 * Node's TLS server asks all clients for a certificate or none, and silently drops clients whose certificate its
 * authorities have not issued where it requires one. Here the certificate is requested and required, and the handshake
 * fails with the proper alert if a required certificate is missing, or if the client does not prove that it holds the
 * private key.
 */

import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket, type TlsOptions } from "node:tls";
import type { TlsListener } from "../certificates/certificate-selector.js";

/** Clients must send a certificate, may send one, or are not asked. With a pre-shared key they are never asked. */
export type ClientCertificate = "required" | "optional" | "none";

export interface TlsServer extends TlsListener {
	readonly server: Server;
}

export interface TlsServerOptions {
	/** Asked at each connection. */
	clientCertificate(): ClientCertificate;
	/** @returns the key of this TLS-PSK identity, if there is one. Default: no pre-shared keys. */
	preSharedKey?(identity: string): Buffer | undefined;
	/** TCP, before the handshake. */
	onConnection(socket: Socket): void;
	/** The handshake has succeeded. @param identity that TLS-PSK has proved */
	onSecure(socket: TLSSocket, identity: string | undefined): void;
	/** The handshake has failed. @param identity the latest TLS-PSK identity that the client has named, unproved */
	onFailure(error: NodeJS.ErrnoException, identity: string | undefined): void;
	/** The handshake has succeeded without the key of this TLS-PSK identity, which the client has named. */
	onUnusedIdentity?(identity: string): void;
}

/** @param port distinguishes the TLS sessions of several servers: a session of one is not resumed at another */
export function createTlsServer(port: string, tls: TlsOptions, options: TlsServerOptions): TlsServer {
	let context = contextOf(port, tls);
	const { handshakeTimeout = 0 } = tls;
	const server = createServer((tcp) => {
		options.onConnection(tcp);
		// The TLS socket reports the same error.
		tcp.on("error", () => {});
		let named: string | undefined;
		let known = false;
		const certificate = options.clientCertificate();
		const socket = new TLSSocket(tcp, {
			isServer: true,
			secureContext: context,
			requestCert: certificate !== "none",
			rejectUnauthorized: certificate === "required",
			// Node fails the handshake if none is chosen. The platform decides at the CONNECT.
			ALPNCallback: ({ protocols }: { readonly protocols: readonly string[] }) => protocols[0],
			...(options.preSharedKey && {
				pskCallback: (_: TLSSocket, identity: string) => {
					const key = options.preSharedKey?.(identity);
					// TLS 1.3 asks for tickets too, which are no text.
					if (key || isText(identity)) named = identity;
					known = key !== undefined;
					return key ?? null;
				},
			}),
		});
		const fail = (error: NodeJS.ErrnoException): void => {
			settle();
			// Errors that follow from the end of the socket are not reported.
			socket.on("error", () => {}).destroy();
			options.onFailure(error, named);
		};
		const hungUp = (): void => fail(errorWith("ECONNRESET"));
		const timer = setTimeout(() => fail(errorWith("ERR_TLS_HANDSHAKE_TIMEOUT")), handshakeTimeout);
		const settle = (): void => {
			clearTimeout(timer);
			socket.off("error", fail).off("close", hungUp).off("secure", succeed);
		};
		const succeed = (): void => {
			settle();
			const proved = known && usesPreSharedKey(socket) ? named : undefined;
			if (named !== undefined && proved === undefined) options.onUnusedIdentity?.(named);
			options.onSecure(socket, proved);
		};
		socket.once("error", fail).once("close", hungUp).once("secure", succeed);
	});
	return {
		server,
		setSecureContext(next) {
			context = contextOf(port, next);
		},
	};
}

/**
 * Whether the handshake was made with the key that it has asked for last. A handshake that offers a key may also be made
 * without: by certificate, or in TLS 1.3 by a ticket, which comes before any key is asked for.
 */
function usesPreSharedKey(socket: TLSSocket): boolean {
	// For a destroyed socket Node returns no cipher, in spite of its types.
	const { name = "", version = "" } = socket.getCipher() ?? {};
	return version === "TLSv1.3" ? socket.isSessionReused() : /(^|-)PSK-/.test(name);
}

function isText(identity: string): boolean {
	return /^[\x20-\x7e]+$/.test(identity);
}

function contextOf(port: string, options: TlsOptions): SecureContext {
	// Without a session id context, OpenSSL refuses to resume sessions of clients with certificates.
	return createSecureContext({ ...options, sessionIdContext: `dynreg ${port}` });
}

function errorWith(code: string): NodeJS.ErrnoException {
	return Object.assign(new Error(code), { code });
}
