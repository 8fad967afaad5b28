import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectSecure, type TLSSocket } from "node:tls";
import type { CertificateCredential } from "dynreg/contracts/credential";
import type { Clock, Endpoint } from "dynreg/contracts/host";
import { connectionError, ignorable } from "dynreg/core/connection-errors";
import { type Authorities, loadAuthorities } from "./authorities.js";
import { clientCertificateOptions } from "./client-certificate.js";
import { tlsOptions, verifyServer } from "./tls.js";
import type { TlsSessions, TlsSessionUse } from "./tls-sessions.js";

const phase = "connect";

/** A connection to a broker before its CONNECT: TCP and TLS. */
export class Opening {
	readonly socket: Socket;
	readonly authorities: Authorities | undefined;
	readonly session: TlsSessionUse | undefined;
	/** Resolves when the server is trusted; rejects with an error of the socket or a Failure. May be ignored. */
	readonly ready: Promise<void>;
	/** The server is trusted, and the connection is not lost. */
	isOpen = false;
	readonly #endpoint: Endpoint;

	/** @throws Failure if no trust anchor can be loaded or the client certificate is unusable */
	constructor(
		endpoint: Endpoint,
		certificate: CertificateCredential | undefined,
		certs: readonly string[] | undefined,
		clock: Clock,
		sessions: TlsSessions,
	) {
		this.#endpoint = endpoint;
		const authorities = endpoint.secure ? loadAuthorities(endpoint, phase, certs) : undefined;
		const session = authorities && sessions.begin(endpoint, authorities, certificate);
		const socket = open(endpoint, certificate, session);
		session?.watch(socket as TLSSocket);
		this.authorities = authorities;
		this.session = session;
		this.socket = socket;
		const ready = new Promise<void>((resolve, reject) => {
			socket.on("error", reject);
			socket.once("close", () => {
				this.isOpen = false;
				reject(connectionError(phase, endpoint, "connection-lost"));
			});
			socket.once(endpoint.secure ? "secureConnect" : "connect", () => {
				// Who has a session's keys has been verified with its full handshake.
				if (authorities && session && !(socket as TLSSocket).isSessionReused()) {
					const { problem, until } = verifyServer(socket as TLSSocket, endpoint, authorities, clock);
					if (problem) return reject(connectionError(phase, endpoint, problem, undefined, authorities.missing));
					session.trust(until);
				}
				this.isOpen = true;
				resolve();
			});
		});
		this.ready = ignorable(ready);
		ready.catch(() => socket.destroy());
	}

	/** Whether it leads there, with the same trust. */
	isTo({ secure, host, port, trust }: Endpoint): boolean {
		const own = this.#endpoint;
		return own.secure === secure && own.host === host && own.port === port && `${own.trust}` === `${trust}`;
	}
}

function open(
	endpoint: Endpoint,
	certificate: CertificateCredential | undefined,
	session: TlsSessionUse | undefined,
): Socket {
	if (!endpoint.secure) return connectPlain({ host: endpoint.host, port: endpoint.port });
	const identity = certificate && clientCertificateOptions(certificate);
	return connectSecure({ ...tlsOptions(endpoint), ...session?.options, ...identity });
}
