import type { Identity } from "../../contracts/session.js";
import { parseJson } from "../../core/json.js";

/**
 * Topics and messages of a device's thing model, and its custom topics.
 *
 * Source: vendor documentation, "Alink JSON: device properties, events, and services" and "Topics".
 */
export interface Thing {
	readonly post: {
		/** The topic for property posts. */
		readonly topic: string;
		/** The topic of the platform's replies. */
		readonly replyTopic: string;
		/**
		 * @param id repeated in the reply: digits, up to 4294967295
		 * @param properties by their identifiers in the thing model
		 */
		payload(id: string, properties: Readonly<Record<string, unknown>>): string;
		/** The reply in a message on `replyTopic`; undefined if it is none. */
		reply(payload: string): PostReply | undefined;
	};
	/** `/{productKey}/{deviceName}/user/{name}`, a custom topic of the product. */
	custom(name: string): string;
}

export interface PostReply {
	readonly id: string;
	/** 200 for success. */
	readonly code: number;
	/** The platform's own words. */
	readonly message: string;
}

/**
 * @param identity `session.identity`
 * @example
 * const { post } = thing(session.identity);
 * await session.subscribe(post.replyTopic);
 * session.publish(post.topic, post.payload("1", { temperature: 21.5 }));
 */
export const thing = ({ product, deviceName }: Pick<Identity, "product" | "deviceName">): Thing => {
	const names = `/${product}/${deviceName}`;
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
