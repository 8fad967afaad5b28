/**
 * Registration over MQTT. Its response follows the CONNACK, without a subscription; or the board asks for it by messages, on
 * topics that it has subscribed to.
 */

import { corrupt } from "../faults/corrupt.js";
import { type Faults, type TriggeredFault, withFault } from "../faults/faults.js";
import type {
	AcceptedLogin,
	ConversationLogin,
	Message,
	Platform,
	PlatformContext,
	RegistrationLogin,
} from "../platforms/platform.js";
import type { Timers } from "../server/timers.js";
import type { ClientConnection } from "./client-connection.js";
import { afterFaultDelay, closeByFault, closesConnection } from "./fault-hooks.js";
import { publishPacket } from "./publish-packet.js";

/** Ends the connection of a registration after the platform's time limit. */
export function limitRegistration(
	connection: ClientConnection,
	{ timeLimit }: Pick<RegistrationLogin, "timeLimit">,
	timers: Timers,
): void {
	timers.later(connection.socket, timeLimit * 1000, () =>
		connection.close(`A registration's connection lasts at most ${timeLimit} s.`),
	);
}

/** Node's timers are no longer than 24 days. */
const longestTimer = 2 ** 31 - 1;

/** Ends a session when the platform does. */
export function limitSession(
	connection: ClientConnection,
	{ limit }: Pick<AcceptedLogin, "limit">,
	timers: Timers,
): void {
	if (limit !== undefined && limit.seconds * 1000 <= longestTimer)
		timers.later(connection.socket, limit.seconds * 1000, () => connection.close(limit.reason));
}

/** Writes to the socket at once: some SDKs wait no longer than 200 ms after the CONNACK. */
export function sendRegistrationResponse(
	{ socket, fault }: ClientConnection,
	{ product, response }: RegistrationLogin,
	platforms: readonly Platform[],
): void {
	const packet = publishPacket(corruptedResponse(response, fault, platforms, product.platform, product.secret));
	socket.write(packet);
	if (fault?.fault === "duplicate") socket.write(packet);
}

export interface ConversationOptions {
	readonly platforms: readonly Platform[];
	readonly context: () => PlatformContext;
	readonly faults: Faults;
	readonly timers: Timers;
}

/** Carries out a request of a registration by messages, records it and sends the response. */
export async function respondToRegistration(
	connection: ClientConnection,
	{ conversation, platform }: ConversationLogin,
	{ topic, payload }: { readonly topic: string; readonly payload: Buffer },
	{ platforms, context, faults, timers }: ConversationOptions,
): Promise<void> {
	const { operation, message, outcome } = await conversation.respond(topic, payload, context());
	const fault = outcome.verdict === "accepted" ? faults.match(operation, "response", () => outcome.device) : undefined;
	const isHeard = connection.qosOf(message.topic) !== undefined;
	const lost = isHeard ? "" : ` The board has not subscribed to ${message.topic}, so the response does not arrive.`;
	connection.record({ operation, ...outcome, reason: withFault(outcome.reason + lost, fault) });
	const secret = context().products.find(platform, outcome.product ?? "")?.secret ?? "";
	const response = corruptedResponse(message, fault, platforms, platform, secret);
	afterFaultDelay(connection.socket, fault, timers, () => {
		if (fault && closesConnection(fault)) return closeByFault(connection, fault);
		for (let count = fault?.fault === "duplicate" ? 2 : 1; count > 0; count--)
			// A connection that breaks meanwhile is reported as such.
			connection.send(response, faults).catch(() => {});
	});
}

function corruptedResponse(
	response: Message,
	fault: TriggeredFault | undefined,
	platforms: readonly Platform[],
	platformName: string,
	productSecret: string,
): Message {
	const platform = platforms.find(({ name }) => name === platformName);
	const payload = fault && platform ? corrupt(fault, response.payload, platform, productSecret) : response.payload;
	return { ...response, payload };
}
