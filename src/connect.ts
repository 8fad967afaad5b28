import type { Failure } from "dynreg/errors";
import type { MqttPlan } from "../modules/contracts/cloud.js";
import type { Host, Milliseconds, MqttConnection, MqttEvents } from "../modules/contracts/host.js";

/**
 * Opens the connection that the plan describes. A refused CONNACK means what the cloud says it means.
 *
 * @throws Failure
 */
export async function connect(
	{ mqtt }: Host,
	plan: MqttPlan,
	events: MqttEvents,
	deadline: Milliseconds,
): Promise<MqttConnection> {
	try {
		return await mqtt.connect(plan.connect, events, deadline);
	} catch (error) {
		const { code, number } = error as Failure;
		throw code === "mqtt-refused" ? plan.refusal(number as number) : error;
	}
}
