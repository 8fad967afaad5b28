import type { Identity } from "../../contracts/session.js";
import { parseJson } from "../../core/json.js";

/**
 * Topics and messages of IoT Explorer's data template.
 *
 * Source: vendor documentation, "Thing Model Protocol" (properties, events, actions).
 */
export interface Thing {
	readonly property: {
		/** The topic for reports and status requests. */
		readonly up: string;
		/** The topic of replies and commands; the same as `session.topics.control`, which is subscribed. */
		readonly down: string;
		/** @param params values by the identifiers of the template */
		report(clientToken: string, params: Values): string;
		/** Requests the platform's state: the last report, and commands sent while the device was offline. */
		getStatus(clientToken: string): string;
		/** The command in a message; undefined if it is none. */
		control(payload: string): Command | undefined;
		/** A reply to a command. @param code 0 for success */
		controlReply(clientToken: string, code: number, status?: string): string;
		/** The platform's reply to a report or status request; undefined if the message is none. */
		reply(payload: string): Reply | undefined;
	};
	readonly event: {
		readonly up: string;
		readonly down: string;
		post(clientToken: string, eventId: string, type: "info" | "alert" | "fault", params: Values): string;
		reply(payload: string): Reply | undefined;
	};
	readonly action: {
		readonly up: string;
		readonly down: string;
		/** The action call in a message; undefined if it is none. */
		call(payload: string): ActionCall | undefined;
		/** @param code 0 for success */
		reply(clientToken: string, code: number, response: Values, status?: string): string;
	};
}

type Values = Readonly<Record<string, unknown>>;

export interface Command {
	readonly clientToken: string;
	readonly params: Values;
}

export interface ActionCall extends Command {
	readonly actionId: string;
}

export interface Reply {
	/** `report_reply`, `get_status_reply`, `event_reply`. */
	readonly method: string;
	readonly clientToken: string;
	/** 0 for success. */
	readonly code: number;
	/** The platform's own words. */
	readonly status: string;
	/** For `get_status_reply`: `reported` and, if commands are pending, `control`, by the template's identifiers. */
	readonly data: Values;
}

/**
 * @param identity `session.identity`
 * @example session.publish(thing(session.identity).property.up, thing(session.identity).property.report("1", { lamp: 1 }));
 */
export const thing = ({ product, deviceName }: Pick<Identity, "product" | "deviceName">): Thing => {
	const names = `/${product}/${deviceName}`;
	const topics = (kind: string) => ({ up: `$thing/up/${kind}${names}`, down: `$thing/down/${kind}${names}` });
	return {
		property: {
			...topics("property"),
			report: (clientToken, params) => JSON.stringify({ method: "report", clientToken, params }),
			getStatus: (clientToken) => JSON.stringify({ method: "get_status", clientToken, type: "report", showmeta: 0 }),
			control: (payload) => command(payload, "control"),
			controlReply: (clientToken, code, status = "") =>
				JSON.stringify({ method: "control_reply", clientToken, code, status }),
			reply: response,
		},
		event: {
			...topics("event"),
			post: (clientToken, eventId, type, params) =>
				JSON.stringify({ method: "event_post", clientToken, version: "1.0", eventId, type, params }),
			reply: response,
		},
		action: {
			...topics("action"),
			call(payload) {
				const found = command(payload, "action");
				return found && { ...found, actionId: text(parse(payload).actionId) };
			},
			reply: (clientToken, code, response, status = "") =>
				JSON.stringify({ method: "action_reply", clientToken, code, status, response }),
		},
	};
};

const command = (payload: string, method: string): Command | undefined => {
	const message = parse(payload);
	if (message.method !== method || !isValues(message.params)) return undefined;
	return { clientToken: text(message.clientToken), params: message.params };
};

const response = (payload: string): Reply | undefined => {
	const { method, clientToken, code, status = "", data } = parse(payload);
	if (typeof method !== "string" || !method.endsWith("_reply") || typeof code !== "number") return undefined;
	return {
		method,
		clientToken: text(clientToken),
		code,
		status: text(status),
		data: isValues(data) ? data : {},
	};
};

/** Empty if it is no JSON object. */
const parse = (payload: string): Values => {
	try {
		const value = parseJson(payload);
		return isValues(value) ? value : {};
	} catch {
		return {};
	}
};

const isValues = (value: unknown): value is Values => {
	return typeof value === "object" && value !== null;
};

/** Empty for objects, which have no text. */
const text = (value: unknown): string => {
	return typeof value === "object" ? "" : String(value);
};
