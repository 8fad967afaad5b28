import type { Identity } from "../../contracts/session.js";
import { parseJson } from "../../core/json.js";

type Values = Readonly<Record<string, unknown>>;

/**
 * Topics and messages of a device's thing model, and its custom topics.
 *
 * Source: the vendor's Go SDK (vei-iot-sdk-go fdcd839, `topic.go`, `model.go`, `device.go`).
 */
export interface Thing {
	readonly property: {
		/** The topic for reports; the same as `session.topics.event`. */
		readonly topic: string;
		/** The topic of the platform's replies to reports. */
		readonly replyTopic: string;
		/**
		 * @param id repeated in the reply
		 * @param time when the values were read: UTC in milliseconds since 1970
		 * @param values by the names of module and property in the thing model: `module:property`
		 */
		report(id: string, time: number, values: Values): string;
		/** The reply in a message on `replyTopic`; undefined if it is none. */
		reply(payload: string): Reply | undefined;
		/** The command in a message on `session.topics.control`; undefined if it is none. */
		set(payload: string): Command | undefined;
		/** The topic for replies to commands. */
		readonly setReplyTopic: string;
		/** A reply to a command. @param code 0 for success */
		setReply(id: string, code: number): string;
	};
	/** `sys/{productKey}/{deviceName}/custom/{suffix}`, a custom topic of the product. */
	custom(suffix: string): string;
}

export interface Reply {
	readonly id: string;
	/** 0 for success. */
	readonly code: number;
}

export interface Command {
	readonly id: string;
	/** Values to set, by their names in the thing model. */
	readonly values: Values;
}

/**
 * @param identity `session.identity`
 * @example
 * const { property } = thing(session.identity);
 * await session.subscribe(property.replyTopic);
 * session.publish(property.topic, property.report("1", now, { "default:temperature": 21.5 }));
 */
export const thing = ({ product, deviceName }: Pick<Identity, "product" | "deviceName">): Thing => {
	const own = `sys/${product}/${deviceName}`;
	const topic = `${own}/thingmodel/property/post`;
	return {
		property: {
			topic,
			replyTopic: `${topic}_reply`,
			report(ID, Time, values) {
				const Params: Record<string, unknown> = {};
				for (const name in values) Params[name] = { Value: values[name], Time };
				return JSON.stringify({ ID, Version: "1.0", Params });
			},
			reply(payload) {
				const { ID, Code } = parsed(payload);
				return typeof ID === "string" && typeof Code === "number" ? { id: ID, code: Code } : undefined;
			},
			set(payload) {
				const { ID, Params } = parsed(payload);
				return typeof ID === "string" && typeof Params === "object" && Params !== null
					? { id: ID, values: Params as Values }
					: undefined;
			},
			setReplyTopic: `${own}/thingmodel/service/preset/propertySet/post_reply`,
			setReply: (ID, Code) => JSON.stringify({ ID, Code, Data: {} }),
		},
		custom: (suffix) => `${own}/custom/${suffix}`,
	};
};

const parsed = (payload: string): Values => {
	try {
		return Object(parseJson(payload));
	} catch {
		return {};
	}
};
