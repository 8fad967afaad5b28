/**
 * IoT Explorer's data template: properties, events and commands, in JSON. Source: vendor documentation, and the run
 * logs of its C SDK for the form of the replies.
 *
 * A command waits until the device replies to it, or clears all commands (`clear_control`). A device that asks for its
 * status receives the waiting commands.
 */

import type { Device, Thing } from "../../products/product.js";
import { parseJson } from "../../server/parse-json.js";

type Json = Readonly<Record<string, unknown>>;

interface Method {
	/** Absent for a reply of the device, which gets no reply itself. */
	readonly reply?: string;
	/** Keys whose value must be an object. */
	readonly objects?: readonly string[];
	/** Keys whose value must be a string. */
	readonly texts?: readonly string[];
	/** @returns fields of the reply, beside or in place of the usual ones */
	take(message: Json, thing: Thing): Json;
}

/** By kind of topic, and by the `method` of a message. */
const methods: Readonly<Record<ThingKind, Readonly<Record<string, Method>>>> = {
	property: {
		report: {
			reply: "report_reply",
			objects: ["params"],
			take({ params }, thing) {
				thing.reported = latest({ ...thing.reported, ...(params as Json) });
				return {};
			},
		},
		report_info: { reply: "report_info_reply", objects: ["params"], take: () => ({}) },
		get_status: {
			reply: "get_status_reply",
			take: (_, { reported, waiting }) => ({
				data: {
					...(Object.keys(reported).length > 0 && { reported }),
					...(waiting.size > 0 && { control: Object.assign({}, ...waiting.values()) as Json }),
				},
			}),
		},
		clear_control: {
			reply: "clear_control_reply",
			take(_, { waiting }) {
				waiting.clear();
				return {};
			},
		},
		control_reply: {
			take({ clientToken }, { waiting }) {
				waiting.delete(clientToken as string);
				return {};
			},
		},
	},
	event: {
		event_post: {
			reply: "event_reply",
			objects: ["params"],
			texts: ["eventId"],
			take: () => ({ status: "", data: {} }),
		},
	},
	action: { action_reply: { take: () => ({}) } },
};

export const thingKinds = ["property", "event", "action"] as const;

export type ThingKind = (typeof thingKinds)[number];

/** Characters of all properties together. */
const maxReportedLength = 64 * 1024;

/** The local cloud's own code: the vendor publishes none, and no real platform sends this one. */
const malformed = 900001;

/** @returns the platform's reply, in JSON, if it sends one */
export function thingReply(kind: ThingKind, payload: Buffer, device: Device): string | undefined {
	const message = read(payload);
	const name = typeof message?.method === "string" ? message.method : "";
	const method = Object.hasOwn(methods[kind], name) ? methods[kind][name] : undefined;
	const fault = faultOf(message, method, Object.keys(methods[kind]));
	// Actions have no other message than the reply of a device: even a malformed one gets no reply.
	if (kind === "action" || (method && !method.reply)) {
		if (fault === undefined) method?.take(message ?? {}, thingOf(device));
		return undefined;
	}
	const token = typeof message?.clientToken === "string" ? { clientToken: message.clientToken } : {};
	const head = { ...(method && { method: method.reply }), ...token };
	if (fault !== undefined) return JSON.stringify({ ...head, code: malformed, status: fault });
	return JSON.stringify({ ...head, code: 0, status: "success", ...method?.take(message ?? {}, thingOf(device)) });
}

/** Records a message to the device: a command waits from now on. */
export function thingSent(payload: string, device: Device): void {
	const message = read(Buffer.from(payload));
	if (message?.method !== "control" || typeof message.clientToken !== "string" || !isObject(message.params)) return;
	thingOf(device).waiting.set(message.clientToken, message.params);
}

/** @param names of the known methods */
function faultOf(message: Json | undefined, method: Method | undefined, names: readonly string[]): string | undefined {
	if (!message) return "the payload is not a JSON object";
	if (!method) return `"method" must be ${names.join(" or ")}`;
	for (const key of ["clientToken", ...(method.texts ?? [])])
		if (typeof message[key] !== "string") return `"${key}" is missing, a text`;
	for (const key of method.objects ?? []) if (!isObject(message[key])) return `"${key}" is missing, an object`;
	return undefined;
}

/** Limits the memory of a device that keeps reporting new properties. */
function latest(reported: Json): Json {
	const entries = Object.entries(reported);
	let length = JSON.stringify(reported).length;
	while (length > maxReportedLength) length -= JSON.stringify(entries.shift()).length;
	return Object.fromEntries(entries);
}

function thingOf(device: Device): Thing {
	device.thing ??= { reported: {}, waiting: new Map() };
	return device.thing;
}

function read(payload: Buffer): Json | undefined {
	try {
		const message: unknown = parseJson(payload.toString("utf8"));
		return isObject(message) ? message : undefined;
	} catch {
		return undefined;
	}
}

function isObject(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
