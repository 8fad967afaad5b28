import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/**
 * From now on writes to this connection go nowhere and incoming bytes are discarded, without its user noticing. It
 * stays open until the client ends it, as behind a router that has lost its entry for the connection.
 */
export function blackhole(socket: Socket): void {
	const discard = (...given: unknown[]): true => {
		const done = given.find((each) => typeof each === "function") as (() => void) | undefined;
		if (done) process.nextTick(done);
		return true;
	};
	Object.assign(socket, { write: discard, end: () => socket, destroy: () => socket });
	socket.removeAllListeners("end");
	socket.once("end", () => destroy(socket));
	socket.on("error", () => destroy(socket));
	socket.resume();
}

/** Destroys a connection, even one in a blackhole. */
export function destroy(socket: Socket): void {
	Reflect.apply(Duplex.prototype.destroy, socket, []);
}
