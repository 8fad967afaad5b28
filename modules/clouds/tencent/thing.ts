import { parseJson } from "../../core/json.js";

/**
 * Topics and messages of IoT Explorer's data template, for the application.
 * Source: vendor documentation, "Thing Model Protocol" (properties, events, actions).
 */
export interface Thing {
	/** What the device has measured or has become. */
	readonly property: {
		/** Reports and questions go there. */
		readonly up: string;
		/** Answers and commands come there; `session.control` is the same, subscribed already. */
		readonly down: string;
		/** @param params values by the identifiers of the template */
		report(clientToken: string, params: Values): string;
		/** Asks for what the platform has: the last report, and commands that came while the device was away. */
		getStatus(clientToken: string): string;
		/** A command, or undefined if the message is none. */
		control(payload: string): Command | undefined;
		/** Answers a command. @param code 0 for done */
		controlReply(clientToken: string, code: number, status?: string): string;
		/** The platform's answer to a report or a question, or undefined if the message is none. */
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
		/** A call of an action, or undefined if the message is none. */
		call(payload: string): ActionCall | undefined;
		/** @param code 0 for done */
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
	/** Of a `get_status_reply`: `reported` and, if commands wait, `control`, by the identifiers of the template. */
	readonly data: Values;
}

/** @param device `session.device`: "tencent/{productId}/{deviceName}" */
export const thing = (device: string): Thing => {
	const names = device.slice(device.indexOf("/"));
	const topics = (kind: string) => ({ up: `$thing/up/${kind}${names}`, down: `$thing/down/${kind}${names}` });
	return {
		property: {
			...topics("property"),
			report: (clientToken, params) => JSON.stringify({ method: "report", clientToken, params }),
			getStatus: (clientToken) => JSON.stringify({ method: "get_status", clientToken, type: "report", showmeta: 0 }),
			control: (payload) => command(payload, "control"),
			controlReply: (clientToken, code, status = "") =>
				JSON.stringify({ method: "control_reply", clientToken, code, status }),
			reply,
		},
		event: {
			...topics("event"),
			post: (clientToken, eventId, type, params) =>
				JSON.stringify({ method: "event_post", clientToken, version: "1.0", eventId, type, params }),
			reply,
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

const reply = (payload: string): Reply | undefined => {
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

/** Not everything that JSON can carry has a text. */
const text = (value: unknown): string => {
	return typeof value === "object" ? "" : String(value);
};
