/**
 * Responses of the Alink protocol, in JSON: `{"code":200,"data":{},"id":…,"message":"success","method":…,"version":"1.0"}`
 * on the topic of the request with `_reply` behind it. Source: vendor documentation.
 */

import { parseJson } from "../../server/parse-json.js";
import { mergeProperties } from "../merge-properties.js";
import type { Responder, TopicRequest } from "../topic-table.js";

type Json = Readonly<Record<string, unknown>>;

interface AlinkOptions {
	/** The request's `params` must be an object or a list. */
	readonly needsParams?: true;
	/** Of a response with code 200. Default: empty. */
	readonly data?: unknown;
	/** Default: 200 with "success". */
	readonly code?: number;
	readonly message?: string;
	/** The values in `params` are kept as the device's properties. */
	readonly keepsProperties?: true;
}

/** A request may ask for no response, with `"sys":{"ack":0}`. */
export function alink({
	needsParams,
	data = {},
	code = 200,
	message = "success",
	keepsProperties,
}: AlinkOptions = {}): Responder {
	return ({ topic, payload, device }: TopicRequest) => {
		const request = read(payload);
		if (keepsProperties && isObject(request?.params)) device.properties = latest(device.properties, request.params);
		if (isObject(request?.sys) && request.sys.ack === 0) return undefined;
		const fault = !request
			? "The payload is not a JSON object."
			: needsParams && (typeof request.params !== "object" || request.params === null)
				? '"params" is missing. Expected an object.'
				: undefined;
		const id = typeof request?.id === "string" || typeof request?.id === "number" ? request.id : "";
		const response = {
			code: fault === undefined ? code : 460,
			data: fault === undefined ? data : {},
			id,
			message: fault ?? message,
			method: methodOf(topic),
			version: "1.0",
		};
		return { topic: `${topic}_reply`, payload: JSON.stringify(response) };
	};
}

function latest(properties: Json | undefined, params: Json): Json {
	// A value may come with the time of its measurement.
	const values = Object.entries(params).map(([name, value]) => [
		name,
		isObject(value) && "value" in value ? value.value : value,
	]);
	return mergeProperties(properties, Object.fromEntries(values));
}

/** `/sys/{productKey}/{deviceName}/thing/event/property/post`: `thing.event.property.post` */
function methodOf(topic: string): string {
	return topic.split("/").slice(4).join(".").replace(/^_/, "");
}

function read(payload: Buffer): Json | undefined {
	try {
		const request = parseJson(payload.toString("utf8"));
		return isObject(request) ? request : undefined;
	} catch {
		return undefined;
	}
}

function isObject(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
