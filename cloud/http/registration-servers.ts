import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { CertificateSelector } from "../certificates/certificate-selector.js";
import { explainHandshakeError } from "../certificates/tls-options.js";
import { FaultInjector } from "../faults/fault-injector.js";
import { closeHttpServer, type Listener, listen, type PortName } from "../server/listen.js";
import type { Timers } from "../server/timers.js";
import { RegistrationHandler, type RegistrationHandlerOptions } from "./registration-handler.js";
import { httpTimeouts, requestListener } from "./request-listener.js";

export type RegistrationPorts = Readonly<Record<Extract<PortName, "http" | "https">, number>>;

export interface RegistrationOptions extends RegistrationHandlerOptions {
	readonly host: string;
	/** 0 for any; the same ports again after a stop. */
	readonly ports: RegistrationPorts;
	readonly certificates: CertificateSelector;
	readonly timers: Timers;
	/** Called with errors that are bugs. */
	readonly onBug: (error: unknown) => void;
}

/** The platforms' registration endpoints, over HTTP and HTTPS. */
export class RegistrationServers implements Listener {
	readonly #options: RegistrationOptions;
	readonly #servers: Readonly<Record<"http" | "https", Server>>;
	readonly #injectors: Readonly<Record<"http" | "https", FaultInjector>>;
	#ports: RegistrationPorts;

	constructor(options: RegistrationOptions) {
		const { faults, journal, certificates } = options;
		this.#options = options;
		this.#ports = options.ports;
		const http = createHttpServer(httpTimeouts, this.#listener("http"));
		const https = createHttpsServer({ ...httpTimeouts, ...certificates.options("https") }, this.#listener("https"));
		https.on("tlsClientError", (error) => {
			const reason = explainHandshakeError(error);
			journal.record({ transport: "https", operation: "tls", verdict: "refused", reason });
		});
		certificates.attach("https", https);
		const tls = () => certificates.options("https");
		this.#servers = { http, https };
		this.#injectors = {
			http: new FaultInjector(http, { port: "http", faults, journal }),
			https: new FaultInjector(https, { port: "https", faults, journal, tls }),
		};
	}

	get ports(): RegistrationPorts {
		return this.#ports;
	}

	async start(): Promise<void> {
		const { host } = this.#options;
		const { http, https } = this.#servers;
		this.#ports = {
			http: await listen(http, "http", host, this.#ports.http),
			https: await listen(https, "https", host, this.#ports.https),
		};
	}

	async stop(): Promise<void> {
		for (const injector of Object.values(this.#injectors)) injector.close();
		await Promise.all(Object.values(this.#servers).map(closeHttpServer));
	}

	#listener(transport: "http" | "https"): RequestListener {
		const { timers, onBug } = this.#options;
		const handler = new RegistrationHandler(this.#options, transport);
		return requestListener((request) => handler.respond(request), {
			timers,
			onBug,
			reset: (socket) => this.#injectors[transport].reset(socket),
		});
	}
}
