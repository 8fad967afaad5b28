import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import type { CertificateSelector } from "../certificates/certificate-selector.js";
import { explainHandshake } from "../certificates/tls-options.js";
import { destroy } from "../faults/blackhole.js";
import { FaultInjector } from "../faults/fault-injector.js";
import type { Faults } from "../faults/faults.js";
import type { Journal, Transport } from "../server/journal.js";
import { listen, type PortName } from "../server/listen.js";
import type { AcceptedSocket } from "./client-connection.js";
import { createMtlsServer } from "./mtls-server.js";

/** `mqtts` requests a client certificate and does without one; `mutual` requires one. */
export type BrokerPorts = Readonly<Record<Extract<PortName, "mqtt" | "mqtts" | "mutual">, number>>;

export interface ListenerOptions {
	readonly host: string;
	readonly certificates: CertificateSelector;
	readonly faults: Faults;
	readonly journal: Journal;
	/** @returns the key of this TLS-PSK identity, if there is one */
	readonly preSharedKey: (identity: string) => Buffer | undefined;
	readonly onConnection: (accepted: AcceptedSocket) => void;
}

/** TLS takes any client certificate: the CONNACK says whether it is the device's. */
const requestCertificate: TlsOptions = { requestCert: true, rejectUnauthorized: false };

/** The broker's ports: TCP, TLS, and TLS that requires a client certificate. For one run of the broker. */
export class MqttListeners {
	readonly #options: ListenerOptions;
	readonly #servers: Readonly<Record<keyof BrokerPorts, Server>>;
	readonly #injectors: readonly FaultInjector[];
	readonly #sockets = new Set<Socket>();
	/** Identities whose key TLS has asked for. */
	readonly #identities = new WeakMap<Socket, string>();

	constructor(options: ListenerOptions) {
		this.#options = options;
		const { certificates, faults, journal } = options;
		const mqtt = createServer((socket) => this.#accept(socket, "mqtt"));
		const mqtts = this.#createTlsServer();
		const mtls = createMtlsServer(certificates.options("mutual"), {
			connection: (socket) => this.#track(socket),
			secure: (socket) => this.#accept(socket, "mutual"),
			failed: (error) => this.#handshakeFailed("mutual", error),
		});
		certificates.attach("mqtts", mqtts);
		certificates.attach("mutual", mtls);
		this.#servers = { mqtt, mqtts, mutual: mtls.server };
		const tls = (port: "mqtts" | "mutual") => () => ({ ...certificates.options(port), ...requestCertificate });
		this.#injectors = [
			new FaultInjector(mqtt, { port: "mqtt", faults, journal }),
			new FaultInjector(mqtts, { port: "mqtts", faults, journal, tls: tls("mqtts") }),
			new FaultInjector(mtls.server, { port: "mutual", faults, journal, tls: tls("mutual") }),
		];
	}

	/**
	 * @param ports 0 for any
	 * @returns the ports
	 * @throws Error if one is taken or forbidden
	 */
	async listen(ports: BrokerPorts): Promise<BrokerPorts> {
		const { host } = this.#options;
		const { mqtt, mqtts, mutual } = this.#servers;
		return {
			mqtt: await listen(mqtt, "mqtt", host, ports.mqtt),
			mqtts: await listen(mqtts, "mqtts", host, ports.mqtts),
			mutual: await listen(mutual, "mutual", host, ports.mutual),
		};
	}

	/** Accepts no more connections. @returns when the last one has closed */
	async closed(): Promise<void> {
		const servers = Object.values(this.#servers);
		await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
	}

	/** Ends all connections, even those that faults keep. */
	destroyConnections(): void {
		for (const injector of this.#injectors) injector.close();
		for (const socket of this.#sockets) destroy(socket);
	}

	#createTlsServer(): ReturnType<typeof createTlsServer> {
		const options = {
			...this.#options.certificates.options("mqtts"),
			...requestCertificate,
			pskCallback: (socket: TLSSocket, identity: string) => this.#preSharedKey(socket, identity),
		};
		const server = createTlsServer(options, (socket) => this.#accept(socket, "mqtts"));
		server.on("tlsClientError", (error, socket) => {
			// Node leaves the connection open after a handshake timeout.
			socket.destroy();
			this.#handshakeFailed("mqtts", error);
		});
		// Tracks connections from before their handshake, so that a stop ends these too.
		server.on("connection", (socket: Socket) => this.#track(socket));
		return server;
	}

	#preSharedKey(socket: Socket, identity: string): Buffer | null {
		const key = this.#options.preSharedKey(identity);
		if (!key) return null;
		this.#identities.set(socket, identity);
		return key;
	}

	#accept(socket: Socket, transport: Transport): void {
		this.#track(socket);
		socket.setNoDelay(true);
		// The connection may break before the broker listens to it.
		socket.on("error", () => {});
		this.#options.onConnection({ socket, transport, preSharedIdentity: this.#identities.get(socket) });
	}

	#track(socket: Socket): void {
		this.#sockets.add(socket);
		socket.once("close", () => this.#sockets.delete(socket));
	}

	#handshakeFailed(transport: Transport, error: NodeJS.ErrnoException): void {
		const reason = explainHandshake(error);
		this.#options.journal.record({ transport, operation: "tls", verdict: "refused", reason });
	}
}
