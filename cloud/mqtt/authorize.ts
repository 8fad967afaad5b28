/** What a connection may publish and subscribe to. */

import type { PublishPacket, Subscription } from "aedes";
import { type Faults, type TriggeredFault, withFault } from "../faults/faults.js";
import type { ClientConnection } from "./client-connection.js";

/** Bytes. */
const maxPayload = 16 * 1024;

/** Per connection. Source: vendor's documentation of Alibaba's limits; Tencent has fewer topics. */
const maxFilters = 100;

/**
 * Records a PUBLISH, and whether it is acknowledged.
 *
 * @returns why it is refused, undefined if it is accepted
 */
export function authorizePublish(
	connection: ClientConnection,
	packet: PublishPacket,
	faults: Faults,
): string | undefined {
	const { topic, qos, payload } = packet;
	const size = Buffer.byteLength(payload);
	const reason = !(connection.session ?? connection.conversation)?.mayPublish(topic)
		? `The device may not publish on ${topic}. The connection is closed.`
		: qos === 2
			? "The platform does not support QoS 2. The connection is closed."
			: size > maxPayload
				? `The message has ${size} bytes, but only ${maxPayload} are allowed. The connection is closed.`
				: undefined;
	const fault =
		reason === undefined && qos === 1 ? faults.match("publish", "puback", connection.deviceName) : undefined;
	// aedes then takes the message and sends no PUBACK.
	if (fault) packet.qos = 0;
	// MQTT 3.1.1 has no negative acknowledgement of a PUBLISH.
	if (reason) connection.setCloseReason("The broker refused a message and closed the connection.");
	connection.record({
		operation: "publish",
		verdict: reason ? "refused" : "accepted",
		reason: reason ?? withFault(`${size} bytes on ${topic}${qos === 1 ? " (QoS 1)." : ""}`, fault),
	});
	if (!reason) connection.observe("up", topic, payload);
	return reason;
}

/**
 * Records a subscription.
 *
 * @returns whether it is granted, otherwise the SUBACK is 128; and the fault of the SUBACK
 */
export function authorizeSubscription(
	connection: ClientConnection,
	{ topic, qos }: Subscription,
	faults: Faults,
): { readonly granted: boolean; readonly fault: TriggeredFault | undefined } {
	const { filters } = connection;
	const rights = connection.session ?? connection.conversation;
	const isAllowed = rights?.maySubscribe(topic) ?? false;
	const closes = !isAllowed && rights?.closesOnRefusal === true;
	const refusal = !isAllowed
		? `The device may not subscribe to ${topic} ${closes ? "by its policy. The connection is closed." : "(SUBACK 128)."}`
		: qos === 2
			? `The platform does not support QoS 2, requested for ${topic} (SUBACK 128).`
			: !filters.has(topic) && filters.size >= maxFilters
				? `The connection has ${maxFilters} subscriptions already, the limit (SUBACK 128).`
				: undefined;
	const fault = refusal === undefined ? faults.match("subscribe", "suback", connection.deviceName) : undefined;
	const granted = refusal === undefined && fault?.fault !== "suback";
	if (granted) connection.subscribed(topic, qos === 0 ? 0 : 1);
	connection.record({
		operation: "subscribe",
		verdict: granted ? "accepted" : "refused",
		reason: refusal ?? withFault(`${topic}${qos === 1 ? " (QoS 1)" : ""}${fault ? "." : ""}`, fault),
	});
	if (closes) connection.close("The broker refused a subscription and closed the connection.");
	return { granted, fault };
}
