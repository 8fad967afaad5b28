/**
 * IoT Hub's device shadow. Source: vendor documentation, and the run logs of its C SDK. A shadow lasts as long as the
 * cloud runs and the device exists. The numbers of failures are the local cloud's own: the vendor publishes none.
 */

import type { Device, Shadow } from "../../products/product.js";
import { mergeState } from "../shadow-state.js";
import { isObject, type Json, readMessage } from "./json-message.js";

/** The local cloud's own numbers. */
const failures = { malformed: 900_001, version: 900_007 } as const;

/** @returns the response, in JSON; undefined where the request has no type to respond with */
export function shadowResponse(payload: Buffer, device: Device, now: number): string | undefined {
	const request = readMessage(payload);
	const type = request?.type;
	if (!request || (type !== "get" && type !== "update")) return undefined;
	const { clientToken } = request;
	const token =
		typeof clientToken === "string" || typeof clientToken === "number" ? { clientToken: String(clientToken) } : {};
	const head = { ...token, timestamp: Math.floor(now / 1000), type };
	if (type === "get") {
		const shadow = device.shadow ?? emptyShadow;
		return JSON.stringify({ ...head, payload: documentOf(shadow, shadow.reported), result: 0 });
	}
	const { state, version = 0 } = request;
	const reported = isObject(state) ? state.reported : undefined;
	if (!isObject(reported) || typeof version !== "number")
		return JSON.stringify({ ...head, result: failures.malformed });
	const shadow = device.shadow ?? emptyShadow;
	// 0 updates whatever version the shadow has.
	if (version !== 0 && version !== shadow.version) return JSON.stringify({ ...head, result: failures.version });
	device.shadow = { ...mergeState(shadow, { reported }, now), version: shadow.version + 1 };
	return JSON.stringify({ ...head, payload: documentOf(device.shadow, reported), result: 0 });
}

/** @param reported what the response has: all values of a get, the changed ones of an update */
function documentOf({ version, times }: Shadow, reported: Json): Json {
	return { state: { reported }, timestamp: Math.max(0, ...times.values()), version };
}

const emptyShadow: Shadow = { reported: {}, desired: {}, times: new Map(), version: 0 };
