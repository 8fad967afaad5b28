import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/**
 * From now on nothing is said on this connection, though who stands on it believes so, and nothing that comes is heard:
 * for its client it stays open until the client itself ends it. As behind a router that has forgotten it.
 */
export function mute(socket: Socket): void {
	const said = (...given: unknown[]): true => {
		const done = given.find((each) => typeof each === "function") as (() => void) | undefined;
		if (done) process.nextTick(done);
		return true;
	};
	Object.assign(socket, { write: said, end: () => socket, destroy: () => socket });
	socket.removeAllListeners("end");
	socket.once("end", () => cut(socket));
	socket.on("error", () => cut(socket));
	socket.resume();
}

/** Ends a connection, muted or not. */
export function cut(socket: Socket): void {
	Reflect.apply(Duplex.prototype.destroy, socket, []);
}
