import { createServer } from "node:http";
import { httpTimeouts, type RequestListenerOptions, requestListener } from "../http/request-listener.js";
import { closeHttpServer, type Listener, listen } from "../server/listen.js";
import type { AdminContext } from "./operation.js";
import { Router } from "./router.js";
import { routes } from "./routes.js";

/** The administration's port. It listens on 127.0.0.1 only. */
export class AdminServer implements Listener {
	readonly #server;
	#port: number;

	/** @param port 0 for any */
	constructor(context: AdminContext, port: number, options: RequestListenerOptions) {
		const router = new Router(routes, context);
		this.#server = createServer(
			httpTimeouts,
			requestListener((request) => router.respond(request), options),
		);
		this.#port = port;
	}

	get port(): number {
		return this.#port;
	}

	async start(): Promise<void> {
		this.#port = await listen(this.#server, "admin", "127.0.0.1", this.#port);
	}

	stop(): Promise<void> {
		return closeHttpServer(this.#server);
	}
}
