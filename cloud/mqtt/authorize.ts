/** What a connection may publish and subscribe to. */

import type { PublishPacket, Subscription } from "aedes";
import type { ClientConnection } from "./client-connection.js";

/** Bytes. */
const maxPayload = 16 * 1024;

/** Per connection. Source: vendor's documentation of Alibaba's limits; Tencent has fewer topics. */
const maxFilters = 100;

/** Records a PUBLISH. @returns why it is refused, undefined if it is accepted */
export function refusePublish(
	connection: ClientConnection,
	{ topic, qos, payload }: PublishPacket,
): string | undefined {
	const size = Buffer.byteLength(payload);
	const reason = !connection.session?.mayPublish(topic)
		? `the device may not publish on ${topic}: the connection is closed`
		: qos === 2
			? "the platform has no QoS 2: the connection is closed"
			: size > maxPayload
				? `the message has ${size} bytes, ${maxPayload} are allowed: the connection is closed`
				: undefined;
	// MQTT 3.1.1 has no negative acknowledgement of a PUBLISH.
	if (reason) connection.closing("the broker closed it, because a message was refused");
	connection.record({
		operation: "publish",
		verdict: reason ? "refused" : "accepted",
		reason: reason ?? `${size} bytes on ${topic}`,
	});
	return reason;
}

/** Records a subscription. @returns whether it is granted; otherwise the SUBACK is 128 */
export function grantSubscription(connection: ClientConnection, { topic, qos }: Subscription): boolean {
	const { session, filters } = connection;
	const refusal = !session?.maySubscribe(topic)
		? `the device may not subscribe to ${topic}: SUBACK 128`
		: qos === 2
			? `the platform has no QoS 2 (asked for ${topic}): SUBACK 128`
			: !filters.has(topic) && filters.size >= maxFilters
				? `the connection has ${maxFilters} subscriptions, and gets no more: SUBACK 128`
				: undefined;
	const granted = refusal === undefined;
	if (granted) filters.add(topic);
	connection.record({
		operation: "subscribe",
		verdict: granted ? "accepted" : "refused",
		reason: refusal ?? topic,
	});
	return granted;
}
