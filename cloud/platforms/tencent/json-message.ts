import { parseJson } from "../../server/parse-json.js";

export type Json = Readonly<Record<string, unknown>>;

/** @returns undefined if the payload is not a JSON object */
export function readMessage(payload: Buffer): Json | undefined {
	try {
		const message: unknown = parseJson(payload.toString("utf8"));
		return isObject(message) ? message : undefined;
	} catch {
		return undefined;
	}
}

export function isObject(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
