import type { Timers } from "../server/timers.js";
import type { ClientConnection } from "./client-connection.js";

/**
 * Closes a connection on which nothing has come for one and a half times its keep-alive (MQTT 3.1.1, 3.1.2.10). Not
 * left to aedes, which knows no board time.
 *
 * @param keepAlive seconds; 0 for no supervision
 */
export function superviseKeepAlive(connection: ClientConnection, keepAlive: number, timers: Timers): void {
	if (keepAlive === 0) return;
	const { socket } = connection;
	const limit = keepAlive * 1500;
	let lastReceived = timers.now();
	socket.on("data", () => {
		lastReceived = timers.now();
	});
	const check = (): void => {
		// A fault may have ended it for the broker, and left the socket open.
		if (connection.client.closed) return;
		const left = lastReceived + limit - timers.now();
		if (left > 0) timers.later(socket, left, check);
		else connection.close("The board sent nothing for 1.5 times its keep-alive.");
	};
	check();
}
