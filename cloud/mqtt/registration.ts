/** Registration over MQTT: its response follows the CONNACK, without a subscription. */

import { corrupt } from "../faults/corrupt.js";
import type { Platform, RegistrationLogin } from "../platforms/platform.js";
import type { Timers } from "../server/timers.js";
import type { ClientConnection } from "./client-connection.js";
import { publishPacket } from "./publish-packet.js";

/** Ends the connection of a registration after the platform's time limit. */
export function limitRegistration(
	connection: ClientConnection,
	{ timeLimit }: RegistrationLogin,
	timers: Timers,
): void {
	timers.later(connection.socket, timeLimit * 1000, () =>
		connection.close(`A registration's connection lasts at most ${timeLimit} s.`),
	);
}

/** Writes to the socket at once: some SDKs wait no longer than 200 ms after the CONNACK. */
export function sendRegistrationResponse(
	{ socket, fault }: ClientConnection,
	{ product, response }: RegistrationLogin,
	platforms: readonly Platform[],
): void {
	const platform = platforms.find(({ name }) => name === product.platform);
	const payload = fault && platform ? corrupt(fault, response.payload, platform, product.secret) : response.payload;
	const packet = publishPacket({ ...response, payload });
	socket.write(packet);
	if (fault?.fault === "duplicate") socket.write(packet);
}
