/**
 * IoT Explorer's data template: properties, events and commands, in JSON. Source: vendor documentation, and the run
 * logs of its C SDK for the form of the replies.
 *
 * A command waits until the device replies to it, or clears all commands (`clear_control`). A device that asks for its
 * status receives the waiting commands.
 */

import type { DataTemplate, Device } from "../../products/product.js";
import { isObject, type Json, readMessage } from "./json-message.js";

interface Method {
	/** Absent for a reply of the device, which gets no reply itself. */
	readonly responseMethod?: string;
	/** Keys whose value must be an object. */
	readonly objects?: readonly string[];
	/** Keys whose value must be a list. */
	readonly arrays?: readonly string[];
	/** Keys whose value must be a string. */
	readonly strings?: readonly string[];
	/** @returns fields of the reply, beside or in place of the usual ones */
	handle(message: Json, thing: DataTemplate): Json;
}

/** By kind of topic, and by the `method` of a message. */
const methods: Readonly<Record<DataTemplateTopic, Readonly<Record<string, Method>>>> = {
	property: {
		report: {
			responseMethod: "report_reply",
			objects: ["params"],
			handle({ params }, thing) {
				thing.reported = latest({ ...thing.reported, ...(params as Json) });
				return {};
			},
		},
		report_info: { responseMethod: "report_info_reply", objects: ["params"], handle: () => ({}) },
		get_status: {
			responseMethod: "get_status_reply",
			handle: (_, { reported, pendingCommands }) => ({
				data: {
					...(Object.keys(reported).length > 0 && { reported }),
					...(pendingCommands.size > 0 && { control: Object.assign({}, ...pendingCommands.values()) as Json }),
				},
			}),
		},
		clear_control: {
			responseMethod: "clear_control_reply",
			handle(_, { pendingCommands }) {
				pendingCommands.clear();
				return {};
			},
		},
		control_reply: {
			handle({ clientToken }, { pendingCommands }) {
				pendingCommands.delete(clientToken as string);
				return {};
			},
		},
	},
	event: {
		event_post: {
			responseMethod: "event_reply",
			objects: ["params"],
			strings: ["eventId"],
			handle: () => ({ status: "", data: {} }),
		},
		events_post: {
			responseMethod: "events_reply",
			arrays: ["events"],
			handle: () => ({ status: "", data: {} }),
		},
	},
	action: { action_reply: { handle: () => ({}) } },
};

export const dataTemplateTopics = ["property", "event", "action"] as const;

export type DataTemplateTopic = (typeof dataTemplateTopics)[number];

/** Characters of all properties together. */
const maxReportedLength = 64 * 1024;

/** The local cloud's own code: the vendor publishes none, and no real platform sends this one. */
const malformed = 900001;

/** @returns the platform's reply, in JSON, if it sends one */
export function dataTemplateResponse(kind: DataTemplateTopic, payload: Buffer, device: Device): string | undefined {
	const message = readMessage(payload);
	const name = methodOf(message);
	const method = Object.hasOwn(methods[kind], name) ? methods[kind][name] : undefined;
	const fault = messageError(
		message,
		method,
		Object.keys(methods[kind]).filter((each) => each !== "events_post"),
	);
	// Actions have no other message than the reply of a device: even a malformed one gets no reply.
	if (kind === "action" || (method && !method.responseMethod)) {
		if (fault === undefined) method?.handle(message ?? {}, dataTemplateOf(device));
		return undefined;
	}
	const token = typeof message?.clientToken === "string" ? { clientToken: message.clientToken } : {};
	const head = { ...(method && { method: method.responseMethod }), ...token };
	if (fault !== undefined) return JSON.stringify({ ...head, code: malformed, status: fault });
	return JSON.stringify({
		...head,
		code: 0,
		status: "success",
		...method?.handle(message ?? {}, dataTemplateOf(device)),
	});
}

/** The Python SDK calls a single event `event_post` and lists it all the same; the platform responds as to several. */
function methodOf({ method, events }: Json = {}): string {
	if (method === "event_post" && Array.isArray(events)) return "events_post";
	return typeof method === "string" ? method : "";
}

/** Records a message to the device: a command waits from now on. */
export function recordCommand(payload: string, device: Device): void {
	const message = readMessage(Buffer.from(payload));
	if (message?.method !== "control" || typeof message.clientToken !== "string" || !isObject(message.params)) return;
	dataTemplateOf(device).pendingCommands.set(message.clientToken, message.params);
}

/** @param names of the known methods */
function messageError(
	message: Json | undefined,
	method: Method | undefined,
	names: readonly string[],
): string | undefined {
	if (!message) return "The payload is not a JSON object.";
	if (!method) return `"method" is invalid. Expected ${names.join(" or ")}.`;
	for (const key of ["clientToken", ...(method.strings ?? [])])
		if (typeof message[key] !== "string") return `"${key}" is missing. Expected a string.`;
	for (const key of method.arrays ?? [])
		if (!Array.isArray(message[key])) return `"${key}" is missing. Expected a list.`;
	for (const key of method.objects ?? [])
		if (!isObject(message[key])) return `"${key}" is missing. Expected an object.`;
	return undefined;
}

/** Limits the memory of a device that keeps reporting new properties. */
function latest(reported: Json): Json {
	const entries = Object.entries(reported);
	let length = JSON.stringify(reported).length;
	while (length > maxReportedLength) length -= JSON.stringify(entries.shift()).length;
	return Object.fromEntries(entries);
}

function dataTemplateOf(device: Device): DataTemplate {
	device.dataTemplate ??= { reported: {}, pendingCommands: new Map() };
	return device.dataTemplate;
}
