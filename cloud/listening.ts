import type { Server } from "node:net";

/** The port of a listener, for the error that says it is taken. */
export type PortName = "http" | "https" | "mqtt" | "mqtts" | "mutual" | "sntp" | "admin";

/**
 * Begins to listen.
 *
 * @param port 0 for any
 * @returns the port
 * @throws Error if it is taken or forbidden
 */
export async function listen(server: Server, name: PortName, host: string, port: number): Promise<number> {
	await new Promise<void>((resolve, reject) => {
		server.once("error", (error: NodeJS.ErrnoException) =>
			reject(new Error(`cannot listen for ${name} on ${host}:${port}: ${whyNot(error)}`, { cause: error })),
		);
		server.listen(port, host, resolve);
	});
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error(`${name} listens on no port`);
	return address.port;
}

/** Why a port cannot be listened on, and what to do about it. */
export function whyNot(error: NodeJS.ErrnoException): string {
	if (error.code === "EADDRINUSE") return "the port is taken; stop what listens there, or choose another port";
	if (error.code === "EACCES") return "ports below 1024 need privileges; choose another port";
	if (error.code === "EADDRNOTAVAIL") return "this machine has no such address";
	return error.message;
}
