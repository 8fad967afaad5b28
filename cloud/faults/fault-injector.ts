import type { Server, Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import type { Journal, Transport } from "../server/journal.js";
import { failHandshake, type HandshakeAction } from "./fail-handshake.js";
import { defaultAlert } from "./fault-kinds.js";
import type { Faults, TriggeredFault } from "./faults.js";

export interface FaultInjectorOptions {
	readonly port: Transport;
	readonly faults: Faults;
	readonly journal: Journal;
	/** Of a port with TLS. */
	readonly tls?: () => TlsOptions;
}

/** Takes each connection before its server does, and keeps those that have a fault of the port. */
export class FaultInjector {
	readonly #options: FaultInjectorOptions;
	/** The server's open TCP connections, by remote address and port. */
	readonly #openSockets = new Map<string, Socket>();
	readonly #heldSockets = new Set<Socket>();

	/** @param server with all its listeners for connections attached */
	constructor(server: Server, options: FaultInjectorOptions) {
		this.#options = options;
		const listeners = server.listeners("connection") as ((socket: Socket) => void)[];
		server.removeAllListeners("connection");
		server.on("connection", (socket) => {
			const fault = options.faults.match(options.port, "connection");
			if (fault) this.#hold(socket, fault);
			else {
				const name = remoteEndpoint(socket);
				this.#openSockets.set(name, socket);
				socket.once("close", () => this.#openSockets.delete(name));
				for (const listener of listeners) listener.call(server, socket);
			}
		});
	}

	/** Ends a connection by RST, as a crash would, with or without TLS on it. */
	reset(socket: Socket): void {
		const tcp = this.#openSockets.get(remoteEndpoint(socket));
		tcp?.resetAndDestroy();
		socket.destroy();
	}

	/** Ends the connections that faults have kept. */
	close(): void {
		for (const socket of this.#heldSockets) socket.destroy();
	}

	#hold(socket: Socket, { fault, step, alert = defaultAlert, reason }: TriggeredFault): void {
		const { port, journal, tls } = this.#options;
		const operation = tls ? "tls" : port === "http" ? "http" : "connect";
		journal.record({ transport: port, operation, verdict: "closed", reason });
		this.#heldSockets.add(socket);
		socket.once("close", () => this.#heldSockets.delete(socket));
		socket.on("error", () => {});
		socket.on("end", () => socket.destroy());
		socket.resume();
		if (tls && step) failHandshake(socket, tls(), step, fault as HandshakeAction, alert);
		else if (fault === "drop") socket.destroy();
	}
}

function remoteEndpoint({ remoteAddress, remotePort }: Socket): string {
	return `${remoteAddress} ${remotePort}`;
}
