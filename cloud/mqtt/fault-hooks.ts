/** Where faults take effect in the broker: in place of a CONNACK, and after one. */

import type { Socket } from "node:net";
import { blackhole } from "../faults/blackhole.js";
import type { Faults, TriggeredFault } from "../faults/faults.js";
import type { Platform } from "../platforms/platform.js";
import type { Products } from "../products/products.js";
import type { Timers } from "../server/timers.js";
import type { ClientConnection } from "./client-connection.js";

export interface ConnackFaultOptions {
	readonly platforms: readonly Platform[];
	readonly products: Products;
	readonly faults: Faults;
}

/** Applies a fault in place of the CONNACK. @returns whether there was one, so that the CONNECT gets no other response */
export function applyConnackFault(
	connection: ClientConnection,
	username: string | undefined,
	{ platforms, products, faults }: ConnackFaultOptions,
): boolean {
	const { socket } = connection;
	const connect = connection.connectRequest(username, undefined);
	const claim = platforms.map((platform) => platform.claimedIdentity(connect, products)).find(Boolean);
	if (!claim) return false;
	const { operation, ...names } = claim;
	const fault = faults.match(operation, "connack", () => names.device);
	if (!fault) return false;
	const { code, reason } = fault;
	const verdict = code === undefined ? "closed" : "refused";
	connection.record({ operation, ...names, verdict, reason, ...(code !== undefined && { code }) });
	if (code === undefined) closeByFault(connection, fault);
	// Written to the socket, as aedes sends no CONNACK 1 here.
	else socket.end(Buffer.of(0x20, 2, 0, code));
	return true;
}

/** Calls `action` at once, or after the seconds of the fault, unless the connection has ended by then. */
export function afterFaultDelay(
	socket: Socket,
	fault: TriggeredFault | undefined,
	timers: Timers,
	action: () => void,
): void {
	if (fault?.seconds === undefined) action();
	else timers.later(socket, fault.seconds * 1000, action);
}

/** Whether the fault ends the connection after the CONNACK. */
export function closesConnection({ fault }: TriggeredFault): boolean {
	return fault === "drop" || fault === "silence";
}

/** The broker reads no further, so that the client can send only what the network holds. It goes on sending. */
export function stopReading(socket: Socket): void {
	// aedes reads with this when there is something to read.
	Object.assign(socket, { read: () => null });
}

/** Ends the connection for the broker: `drop` closes it, `silence` leaves it open for the client. */
export function closeByFault(connection: ClientConnection, { fault, reason }: TriggeredFault): void {
	if (fault === "silence") blackhole(connection.socket);
	connection.close(reason);
}
