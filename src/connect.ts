import type { MqttPlan } from "../modules/contracts/cloud.js";
import type { Host, Milliseconds, MqttConnection, MqttEvents } from "../modules/contracts/host.js";
import type { Failure } from "../modules/core/errors.js";

/**
 * Opens the connection that the plan describes. A refused CONNACK means what the cloud says it means.
 *
 * @throws Failure
 */
export const connect = (
	{ mqtt }: Host,
	plan: MqttPlan,
	events: MqttEvents,
	deadline: Milliseconds,
): Promise<MqttConnection> => {
	return mqtt.connect(plan.connect, events, deadline).catch((error: Failure) => {
		throw error.code === "mqtt-refused" ? plan.refusal(error.number as number) : error;
	});
};
