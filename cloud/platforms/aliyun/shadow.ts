/**
 * The device shadow: requests on `/shadow/update/…`, responses on `/shadow/get/…`. Source: vendor documentation, with its
 * error codes; their texts are translated. A shadow lasts as long as the cloud runs and the device exists.
 */

import type { Device, Shadow } from "../../products/product.js";
import { parseJson } from "../../server/parse-json.js";
import { mergeState } from "../shadow-state.js";
import type { Responder } from "../topic-table.js";

type Json = Readonly<Record<string, unknown>>;

/** Properties of one shadow. */
const maxProperties = 128;

class ShadowError extends Error {
	readonly code: number;

	constructor(code: number, message: string) {
		super(message);
		this.code = code;
	}
}

export const shadowResponse: Responder = ({ productId, device, payload, now }) => {
	const timestamp = Math.floor(now / 1000);
	const topic = `/shadow/get/${productId}/${device.name}`;
	try {
		const request = read(payload);
		const body = methods[request.method as keyof typeof methods](request, device, timestamp);
		return { topic, payload: JSON.stringify({ method: "reply", ...body, timestamp }) };
	} catch (error) {
		if (!(error instanceof ShadowError)) throw error;
		const content = { errorcode: String(error.code), errormessage: error.message };
		const body = { method: "reply", payload: { status: "error", content }, timestamp };
		return { topic, payload: JSON.stringify(body) };
	}
};

/** @throws ShadowError */
function read(payload: Buffer): Json & { readonly method: string } {
	let request: unknown;
	try {
		request = parseJson(payload.toString("utf8"));
	} catch {
		throw new ShadowError(400, "not JSON");
	}
	if (!isObject(request)) throw new ShadowError(400, "not a JSON object");
	const { method } = request;
	if (method === undefined) throw new ShadowError(401, "method is missing");
	if (typeof method !== "string" || !Object.hasOwn(methods, method)) throw new ShadowError(406, "method is invalid");
	return { ...request, method };
}

const methods = {
	get: (_: Json, { shadow = emptyShadow() }: Device) => ({
		payload: { status: "success", state: stateOf(shadow), metadata: metadataOf(shadow) },
		version: shadow.version,
	}),

	update(request: Json, device: Device, timestamp: number) {
		const shadow = device.shadow ?? emptyShadow();
		const version = readVersion(request);
		const state = readState(request);
		// -1 empties the shadow.
		if (version === -1) device.shadow = emptyShadow();
		else {
			if (version <= shadow.version) throw new ShadowError(409, "the shadow has this version or a later one");
			const { reported } = state;
			if (reported === undefined && state.desired === undefined) throw new ShadowError(404, "reported is missing");
			if (reported !== undefined && !isObject(reported)) throw new ShadowError(405, "reported is empty");
			device.shadow = {
				...mergeState(shadow, { reported: reported ?? {} }, timestamp),
				// The device has applied what was desired.
				...(state.desired === "null" && { desired: {} }),
				version,
			};
			if (Object.keys(device.shadow.reported).length > maxProperties) {
				device.shadow = shadow;
				throw new ShadowError(408, `reported has more than ${maxProperties} properties`);
			}
		}
		return { payload: { status: "success", version: device.shadow.version } };
	},

	delete(request: Json, device: Device) {
		const shadow = device.shadow ?? emptyShadow();
		const version = readVersion(request);
		if (version <= shadow.version) throw new ShadowError(409, "the shadow has this version or a later one");
		const { reported } = readState(request);
		const removed = isObject(reported) ? Object.keys(reported) : Object.keys(shadow.reported);
		const kept = Object.entries(shadow.reported).filter(([key]) => !removed.includes(key));
		device.shadow = { ...shadow, reported: Object.fromEntries(kept), version };
		return { payload: { status: "success", version } };
	},
};

function readVersion({ version }: Json): number {
	if (typeof version === "number" && Number.isFinite(version)) return version;
	throw new ShadowError(403, "version is not a number");
}

function readState({ state }: Json): Json {
	if (isObject(state)) return state;
	throw new ShadowError(402, "state is missing");
}

function stateOf({ reported, desired }: Shadow): Json {
	return { reported, ...(Object.keys(desired).length > 0 && { desired }) };
}

function metadataOf({ reported, times }: Shadow): Json {
	return {
		reported: Object.fromEntries(Object.keys(reported).map((key) => [key, { timestamp: times.get(key) ?? 0 }])),
	};
}

function emptyShadow(): Shadow {
	return { reported: {}, desired: {}, times: new Map(), version: 0 };
}

function isObject(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
