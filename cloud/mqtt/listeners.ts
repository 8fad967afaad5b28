import { createServer, type Server, type Socket } from "node:net";
import type { CertificateSelector } from "../certificates/certificate-selector.js";
import { explainHandshakeError } from "../certificates/tls-options.js";
import { destroy } from "../faults/blackhole.js";
import { FaultInjector } from "../faults/fault-injector.js";
import type { Faults } from "../faults/faults.js";
import type { PreSharedDevice, RequestNames } from "../platforms/platform.js";
import type { Journal, Transport } from "../server/journal.js";
import { listen, type PortName } from "../server/listen.js";
import type { AcceptedSocket } from "./client-connection.js";
import { explainPreSharedKey } from "./pre-shared-key.js";
import { createTlsServer } from "./tls-server.js";

/** `mtls` requires a client certificate; `mqtts` requests one where a product has devices with certificates. */
export type BrokerPorts = Readonly<Record<Extract<PortName, "mqtt" | "mqtts" | "mtls">, number>>;

export interface MqttListenerOptions {
	readonly host: string;
	readonly certificates: CertificateSelector;
	readonly faults: Faults;
	readonly journal: Journal;
	/** @returns the device of this TLS-PSK identity, if there is one */
	readonly preSharedDevice: (identity: string) => PreSharedDevice | undefined;
	readonly hasCertificateDevices: () => boolean;
	readonly onConnection: (accepted: AcceptedSocket) => void;
}

/** The broker's ports: TCP, TLS, and TLS that requires a client certificate. For one run of the broker. */
export class MqttListeners {
	readonly #options: MqttListenerOptions;
	readonly #servers: Readonly<Record<keyof BrokerPorts, Server>>;
	readonly #injectors: readonly FaultInjector[];
	readonly #sockets = new Set<Socket>();

	constructor(options: MqttListenerOptions) {
		this.#options = options;
		const { certificates, faults, journal } = options;
		const mqtt = createServer((socket) => this.#accept(socket, "mqtt"));
		const onConnection = (socket: Socket): void => this.#track(socket);
		const mqtts = createTlsServer("mqtts", certificates.options("mqtts"), {
			// TLS takes any client certificate: the CONNACK says whether it is the device's.
			clientCertificate: () => (options.hasCertificateDevices() ? "optional" : "none"),
			preSharedKey: (identity) => options.preSharedDevice(identity)?.key,
			onConnection,
			onSecure: (socket, identity) => this.#accept(socket, "mqtts", identity),
			onFailure: (error, identity) => this.#onHandshakeError("mqtts", error, identity),
			onUnusedIdentity: (identity) => this.#onUnusedIdentity(identity),
		});
		const mtls = createTlsServer("mtls", certificates.options("mtls"), {
			clientCertificate: () => "required",
			onConnection,
			onSecure: (socket) => this.#accept(socket, "mtls"),
			onFailure: (error) => this.#onHandshakeError("mtls", error),
		});
		certificates.attach("mqtts", mqtts);
		certificates.attach("mtls", mtls);
		this.#servers = { mqtt, mqtts: mqtts.server, mtls: mtls.server };
		// A handshake with a fault gets no further than to ask for the certificate.
		const tls = (port: "mqtts" | "mtls", requestCert: () => boolean) => () => ({
			...certificates.options(port),
			requestCert: requestCert(),
		});
		this.#injectors = [
			new FaultInjector(mqtt, { port: "mqtt", faults, journal }),
			new FaultInjector(mqtts.server, {
				port: "mqtts",
				faults,
				journal,
				tls: tls("mqtts", options.hasCertificateDevices),
			}),
			new FaultInjector(mtls.server, { port: "mtls", faults, journal, tls: tls("mtls", () => true) }),
		];
	}

	/**
	 * @param ports 0 for any
	 * @returns the ports
	 * @throws Error if one is taken or forbidden
	 */
	async listen(ports: BrokerPorts): Promise<BrokerPorts> {
		const { host } = this.#options;
		const { mqtt, mqtts, mtls } = this.#servers;
		return {
			mqtt: await listen(mqtt, "mqtt", host, ports.mqtt),
			mqtts: await listen(mqtts, "mqtts", host, ports.mqtts),
			mtls: await listen(mtls, "mtls", host, ports.mtls),
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

	#accept(socket: Socket, transport: Transport, preSharedIdentity?: string): void {
		this.#track(socket);
		socket.setNoDelay(true);
		// The connection may break before the broker listens to it.
		socket.on("error", () => {});
		this.#options.onConnection({ socket, transport, preSharedIdentity });
	}

	#track(socket: Socket): void {
		this.#sockets.add(socket);
		socket.once("close", () => this.#sockets.delete(socket));
	}

	/** @param identity that TLS-PSK has named */
	#onHandshakeError(transport: Transport, error: NodeJS.ErrnoException, identity?: string): void {
		const device = identity === undefined ? undefined : this.#options.preSharedDevice(identity);
		// A client with the right key may have hung up.
		const mayBeRight = device?.key !== undefined && !error.code?.startsWith("ERR_SSL_");
		if (identity === undefined || mayBeRight) this.#recordHandshake(transport, explainHandshakeError(error), device);
		else this.#onUnusedIdentity(identity);
	}

	/** A client has named this identity, and the handshake has failed or was made without its key. */
	#onUnusedIdentity(identity: string): void {
		const device = this.#options.preSharedDevice(identity);
		this.#recordHandshake("mqtts", explainPreSharedKey(identity, device), device);
	}

	#recordHandshake(transport: Transport, reason: string, device: PreSharedDevice | undefined): void {
		const names: RequestNames = device ? { product: device.product, device: device.device } : {};
		this.#options.journal.record({ transport, operation: "tls", ...names, verdict: "refused", reason });
	}
}
