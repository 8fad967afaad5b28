import { parseJson } from "../../core/json.js";

/**
 * Topics and messages of a device's thing model and its custom topics, for the application.
 * Source: vendor documentation, "Alink JSON: device properties, events, and services" and "Topics".
 */
export interface Thing {
	readonly post: {
		/** Where properties are posted to. */
		readonly topic: string;
		/** Where the platform answers. */
		readonly replyTopic: string;
		/**
		 * @param id comes back in the reply: digits, up to 4294967295
		 * @param properties by their identifiers in the thing model
		 */
		payload(id: string, properties: Readonly<Record<string, unknown>>): string;
		/** What a message on `replyTopic` says, or undefined if it is no reply. */
		reply(payload: string): PostReply | undefined;
	};
	/** `/{productKey}/{deviceName}/user/{name}`, a topic that the product defines itself. */
	custom(name: string): string;
}

export interface PostReply {
	readonly id: string;
	/** 200 for success. */
	readonly code: number;
	/** The platform's own words. */
	readonly message: string;
}

/** @param device `session.device`: "aliyun/{productKey}/{deviceName}" */
export const thing = (device: string): Thing => {
	const names = device.slice(device.indexOf("/"));
	const topic = `/sys${names}/thing/event/property/post`;
	return {
		post: {
			topic,
			replyTopic: `${topic}_reply`,
			payload: (id, params) => JSON.stringify({ id, version: "1.0", params, method: "thing.event.property.post" }),
			reply(payload) {
				try {
					const { id, code, message = "" } = parseJson(payload) as Readonly<Record<string, unknown>>;
					return typeof code === "number" ? { id: String(id), code, message: String(message) } : undefined;
				} catch {
					return undefined;
				}
			},
		},
		custom: (name) => `${names}/user/${name}`,
	};
};
