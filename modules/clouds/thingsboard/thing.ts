import { parseJson } from "../../core/json.js";

/**
 * Topics and messages of a device's telemetry, attributes and remote procedure calls.
 *
 * Source: MqttTopics.java and JsonConverter.java of ThingsBoard 4.4; documentation, "MQTT device API".
 */
export interface Thing {
	readonly telemetry: {
		/** The same as `session.topics.event`. */
		readonly topic: string;
		/** @param at UTC in milliseconds since 1970; without it, the server's time counts */
		payload(values: Values, at?: number): string;
	};
	readonly attributes: {
		/** For the device's own attributes, and for changes of shared attributes, which must be subscribed. */
		readonly topic: string;
		payload(values: Values): string;
		/** The changed values in a message on `topic`, and the names of deleted ones; undefined if it is none. */
		changes(payload: string): AttributeChanges | undefined;
	};
	readonly rpc: {
		/** The same as `session.topics.control`, which is subscribed. */
		readonly filter: string;
		/** The call in a message; undefined if it is none. */
		call(topic: string, payload: string): RpcCall | undefined;
		/** Where the response to a call goes. */
		responseTopic(id: string): string;
	};
}

type Values = Readonly<Record<string, unknown>>;

export interface AttributeChanges {
	readonly values: Values;
	readonly deleted: readonly string[];
}

export interface RpcCall {
	/** Digits. */
	readonly id: string;
	readonly method: string;
	readonly params: unknown;
}

const requests = "v1/devices/me/rpc/request/";

/**
 * @example
 * const { telemetry, rpc } = thing();
 * session.publish(telemetry.topic, telemetry.payload({ temperature: 21.5 }));
 * for await (const message of session) {
 * 	const call = rpc.call(message.topic, message.text());
 * 	if (call) session.publish(rpc.responseTopic(call.id), "{}");
 * }
 */
export const thing = (): Thing => ({
	telemetry: {
		topic: "v1/devices/me/telemetry",
		payload: (values, ts) => JSON.stringify(ts === undefined ? values : { ts, values }),
	},
	attributes: {
		topic: "v1/devices/me/attributes",
		payload: (values) => JSON.stringify(values),
		changes(payload) {
			const values = parse(payload);
			if (values === undefined) return undefined;
			const { deleted } = values;
			return Array.isArray(deleted) ? { values: {}, deleted: deleted.map(String) } : { values, deleted: [] };
		},
	},
	rpc: {
		filter: `${requests}+`,
		call(topic, payload) {
			if (topic.indexOf(requests) !== 0) return undefined;
			const { method, params } = parse(payload) ?? {};
			return typeof method === "string" ? { id: topic.slice(requests.length), method, params } : undefined;
		},
		responseTopic: (id) => `v1/devices/me/rpc/response/${id}`,
	},
});

/** Undefined if it is no JSON object. */
const parse = (payload: string): Values | undefined => {
	try {
		const value = parseJson(payload);
		return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Values) : undefined;
	} catch {
		return undefined;
	}
};
