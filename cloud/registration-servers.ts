import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Faults } from "./faults/faults.js";
import { Gate } from "./faults/gate.js";
import { listener, timeouts } from "./http-listener.js";
import type { Journal } from "./journal.js";
import { listen, type PortName } from "./listening.js";
import type { Context, Platform } from "./platform.js";
import { registrationHandler } from "./registration-handler.js";
import { explainHandshake } from "./tls-options.js";
import type { Trust } from "./trust.js";

export type RegistrationPorts = Readonly<Record<Extract<PortName, "http" | "https">, number>>;

export interface RegistrationOptions {
	readonly host: string;
	/** 0 for any; the same ones again after a stop. */
	readonly ports: RegistrationPorts;
	readonly trust: Trust;
	readonly platforms: readonly Platform[];
	readonly context: () => Context;
	readonly faults: Faults;
	readonly journal: Journal;
	/** Hears of answers that could not be given because of a bug. */
	readonly bug: (error: unknown) => void;
}

/** The platforms' registration endpoints, over HTTP and HTTPS. */
export class RegistrationServers {
	readonly #options: RegistrationOptions;
	readonly #servers: Readonly<Record<"http" | "https", Server>>;
	readonly #gates: readonly Gate[];
	#ports: RegistrationPorts;

	constructor(options: RegistrationOptions) {
		const { platforms, context, faults, journal, trust, bug } = options;
		this.#options = options;
		this.#ports = options.ports;
		const register = (transport: "http" | "https", gate: () => Gate): RequestListener =>
			listener(registrationHandler(platforms, context, faults, journal, transport), bug, (socket) =>
				gate().reset(socket),
			);
		const plain = createHttpServer(
			timeouts,
			register("http", () => plainGate),
		);
		const secure = createHttpsServer(
			{ ...timeouts, ...trust.options("https") },
			register("https", () => secureGate),
		);
		secure.on("tlsClientError", (error) => {
			const reason = explainHandshake(error);
			journal.record({ transport: "https", operation: "tls", verdict: "refused", reason });
		});
		trust.listens("https", secure);
		const plainGate = new Gate(plain, { port: "http", faults, journal });
		const secureGate = new Gate(secure, { port: "https", faults, journal, tls: () => trust.options("https") });
		this.#servers = { http: plain, https: secure };
		this.#gates = [plainGate, secureGate];
	}

	get ports(): RegistrationPorts {
		return this.#ports;
	}

	/** @throws Error if a port is taken */
	async start(): Promise<void> {
		const { host } = this.#options;
		const { http, https } = this.#servers;
		this.#ports = {
			http: await listen(http, "http", host, this.#ports.http),
			https: await listen(https, "https", host, this.#ports.https),
		};
	}

	/** Ends all connections and listens no more. */
	async stop(): Promise<void> {
		for (const gate of this.#gates) gate.close();
		await Promise.all(Object.values(this.#servers).map(closeServer));
	}
}

export async function closeServer(server: Server): Promise<void> {
	if (!server.listening) return;
	const closed = new Promise<void>((resolve) => server.close(() => resolve()));
	server.closeAllConnections();
	await closed;
}
