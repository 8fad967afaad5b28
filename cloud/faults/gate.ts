import type { Server, Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import type { Journal, Transport } from "../journal.js";
import type { Faults, Strike } from "./faults.js";
import { failHandshake } from "./handshake.js";
import { ALERT } from "./kinds.js";

export interface GateOptions {
	readonly port: Transport;
	readonly faults: Faults;
	readonly journal: Journal;
	/** Of a port with TLS. */
	readonly tls?: () => TlsOptions;
}

/** Sees who comes to a server before the server does, and keeps whom a fault strikes. */
export class Gate {
	readonly #options: GateOptions;
	/** The connections that are open, as TCP knows them. */
	readonly #open = new Map<string, Socket>();
	readonly #struck = new Set<Socket>();

	/** @param server with all that hears of its connections */
	constructor(server: Server, options: GateOptions) {
		this.#options = options;
		const hearers = server.listeners("connection") as ((socket: Socket) => void)[];
		server.removeAllListeners("connection");
		server.on("connection", (socket) => {
			const strike = options.faults.strike(options.port, "connection");
			if (strike) this.#keep(socket, strike);
			else {
				const name = nameOf(socket);
				this.#open.set(name, socket);
				socket.once("close", () => this.#open.delete(name));
				for (const hearer of hearers) hearer.call(server, socket);
			}
		});
	}

	/** Ends a connection as a crash would, by RST, whatever stands on it. */
	reset(socket: Socket): void {
		const tcp = this.#open.get(nameOf(socket));
		tcp?.resetAndDestroy();
		socket.destroy();
	}

	/** Lets go of whom faults have struck. */
	close(): void {
		for (const socket of this.#struck) socket.destroy();
	}

	#keep(socket: Socket, { fault, step, alert = ALERT, reason }: Strike): void {
		const { port, journal, tls } = this.#options;
		const operation = tls ? "tls" : port === "http" ? "http" : "connect";
		journal.record({ transport: port, operation, verdict: "closed", reason });
		this.#struck.add(socket);
		socket.once("close", () => this.#struck.delete(socket));
		socket.on("error", () => {});
		socket.on("end", () => socket.destroy());
		socket.resume();
		if (tls && step) failHandshake(socket, tls(), step, fault as "alert" | "drop" | "silence", alert);
		else if (fault === "drop") socket.destroy();
	}
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
	return `${remoteAddress} ${remotePort}`;
}
