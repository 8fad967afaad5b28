import type { FailureValues } from "../contracts/error.js";
import type { Crypto, HttpResponse } from "../contracts/host.js";
import { Failure } from "../core/errors.js";
import { parseJson } from "../core/json.js";
import type { Secret } from "../core/secret.js";

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The JSON object in the response of a registration endpoint.
 *
 * @throws Failure `http-status` or `bad-answer`
 */
export const parseResponse = (response: HttpResponse, crypto: Crypto): JsonObject => {
	if (response.status !== 200) throw unexpectedStatus(response);
	return parseObject(response.body, crypto);
};

/**
 * Parses a JSON object.
 *
 * @throws Failure `bad-answer`
 */
export const parseObject = (bytes: Uint8Array, crypto: Crypto): JsonObject => {
	let value: unknown;
	try {
		value = parseJson(crypto.text(bytes));
	} catch {
		throw badResponse("not-json");
	}
	return toObject(value);
};

/** @throws Failure `bad-answer` */
export const toObject = (value: unknown): JsonObject => {
	if (typeName(value) !== "object") throw badResponse("not-object");
	return value as JsonObject;
};

interface FieldTypes {
	readonly string: string;
	readonly number: number;
	readonly object: JsonObject;
}

/**
 * A field of a response. A number in quotes is none.
 *
 * @throws Failure `bad-answer` with the key and the type of what is there: never the value, which may be a secret
 */
export const field = <T extends keyof FieldTypes>(object: JsonObject, key: string, type: T): FieldTypes[T] => {
	const found = object[key];
	const value = typeName(found);
	if (value === type) return found as FieldTypes[T];
	throw badResponse(found === undefined ? "invalid" : `no-${type}`, { key, value });
};

const typeName = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/**
 * A platform's own words for a person to read, at most 200 characters; undefined if they are no text or number. The
 * platform may echo the request, so the secret is redacted.
 */
export const vendorMessage = (words: unknown, secret: Secret): string | undefined => {
	if (typeof words !== "string" && typeof words !== "number") return undefined;
	const text = `${words}`.split(secret.reveal()).join(`${secret}`);
	return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};

/** An invalid response, of which nothing is stored (invariant 4). @param reason as in the messages for `bad-answer` */
export const badResponse = (reason: string, values?: FailureValues): Failure => {
	return new Failure("register", "bad-answer", "retry", { reason, ...values });
};

const unexpectedStatus = (response: HttpResponse): Failure => {
	const { status } = response;
	const retryAfter = retryAfterOf(response);
	const overloaded = status === 429 || status === 503;
	return new Failure(
		"register",
		"http-status",
		overloaded ? "wait" : "retry",
		retryAfter > 0 ? { statusCode: status, retryAfter } : { statusCode: status },
	);
};

/** `Retry-After` in seconds (RFC 9110, section 10.2.3): a number, or a date relative to the server's `Date`. 0 if absent. */
const retryAfterOf = ({ retryAfter, date }: HttpResponse): number => {
	if (retryAfter === undefined) return 0;
	const number = Number(retryAfter);
	const seconds = number >= 0 ? number : Math.floor((Date.parse(retryAfter) - Date.parse(date ?? "") + 999) / 1000);
	return seconds > 0 ? seconds : 0;
};

/** The failure for a refused CONNACK of a session, for every cloud. @param connackCode return code (MQTT 3.1.1, section 3.2.2.3) */
export const connackError = (connackCode: number): Failure =>
	connackCode === 3
		? new Failure("connect", "broker-unavailable", "retry", { connackCode })
		: // Brokers use 2 for an unknown client id, for example of a device that was deleted in the console.
			connackCode === 2 || connackCode === 4 || connackCode === 5
			? new Failure("connect", "credential-refused", "retry", { connackCode })
			: new Failure("connect", "mqtt-refused", "needs-attention", { connackCode });
