import type { Server as HttpServer } from "node:http";
import type { Server } from "node:net";

/** As in `urls`, and in the error for a port that is taken. */
export type PortName = "http" | "https" | "mqtt" | "mqtts" | "mtls" | "sntp" | "admin";

/** A part of the cloud that listens on ports. It can be started again after a stop, on the same ports. */
export interface Listener {
	/** @throws Error if a port is taken or forbidden */
	start(): Promise<void>;
	/** Ends all connections. Does nothing if it is not started. */
	stop(): Promise<void>;
}

/**
 * @param port 0 for any
 * @returns the port
 * @throws Error if it is taken or forbidden
 */
export async function listen(server: Server, name: PortName, host: string, port: number): Promise<number> {
	await new Promise<void>((resolve, reject) => {
		server.once("error", (error: NodeJS.ErrnoException) =>
			reject(new Error(`Cannot listen for ${name} on ${host}:${port}: ${explainListenError(error)}`, { cause: error })),
		);
		server.listen(port, host, resolve);
	});
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error(`The server for ${name} listens on no port.`);
	return address.port;
}

/** The cause, and the next step: ends the sentence "Cannot listen on …: …". */
export function explainListenError(error: NodeJS.ErrnoException): string {
	if (error.code === "EADDRINUSE")
		return "another program is using the port. Stop that program, or choose another port.";
	if (error.code === "EACCES") return "ports below 1024 need privileges. Choose another port.";
	if (error.code === "EADDRNOTAVAIL")
		return "this machine does not have the address. Choose an address of this machine, or 0.0.0.0.";
	return `${error.message}.`;
}

/** Ends all connections of an HTTP server and stops listening. */
export async function closeHttpServer(server: HttpServer): Promise<void> {
	if (!server.listening) return;
	const closed = new Promise<void>((resolve) => server.close(() => resolve()));
	server.closeAllConnections();
	await closed;
}
