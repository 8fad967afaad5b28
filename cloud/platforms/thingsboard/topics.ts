/**
 * The topics of ThingsBoard's devices, which name no device. Source: MqttTopics.java of ThingsBoard 4.4, documentation of its
 * MQTT device API.
 */

import { parseJson } from "../../server/parse-json.js";
import { mergeProperties } from "../merge-properties.js";
import { type Responder, type TopicRow, TopicTable } from "../topic-table.js";

type Json = Readonly<Record<string, unknown>>;

/** Keeps the latest values. There is no response. */
const keep: Responder = ({ payload, device }) => {
	for (const values of valuesIn(payload)) device.properties = mergeProperties(device.properties, values);
	return undefined;
};

/** `{"a":1}`, `{"ts":…,"values":{"a":1}}`, or a list of these. */
function valuesIn(payload: Buffer): Json[] {
	try {
		const message = parseJson(payload.toString("utf8"));
		return (Array.isArray(message) ? message : [message])
			.filter(isObject)
			.map(({ ts, values, ...others }) => (typeof ts === "number" && isObject(values) ? values : others));
	} catch {
		return [];
	}
}

function isObject(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

const prefix = "v1/devices/me";

export const topicRows: readonly TopicRow[] = [
	{ topic: `${prefix}/telemetry`, direction: "up", source: "documented", respond: keep, response: "none" },
	{ topic: `${prefix}/attributes`, direction: "both", source: "documented", respond: keep, response: "none" },
	{ topic: `${prefix}/rpc/request/+`, direction: "down", source: "documented" },
	{
		topic: `${prefix}/rpc/response/+`,
		direction: "up",
		source: "documented",
		response: "none: the response to a call",
	},
];

export const deviceTopics = new TopicTable(topicRows);
