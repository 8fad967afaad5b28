import type { FailureValues } from "../contracts/error.js";
import type { Crypto, HttpReply } from "../contracts/host.js";
import { Failure } from "../core/errors.js";
import { parseJson } from "../core/json.js";
import type { Secret } from "../core/secret.js";

/** What a JSON object holds. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * The JSON object that a registration endpoint answered with.
 *
 * @throws Failure `http-status` or `bad-answer`
 */
export const answer = (reply: HttpReply, crypto: Crypto): Fields => {
	if (reply.status !== 200) throw unexpectedStatus(reply);
	return json(reply.body, crypto);
};

/**
 * The JSON object that these bytes are.
 *
 * @throws Failure `bad-answer`
 */
export const json = (bytes: Uint8Array, crypto: Crypto): Fields => {
	let value: unknown;
	try {
		value = parseJson(crypto.text(bytes));
	} catch {
		throw badAnswer("not-json");
	}
	return fields(value);
};

/** @throws Failure `bad-answer` */
export const fields = (value: unknown): Fields => {
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw badAnswer("not-object");
	return value as Fields;
};

/**
 * A platform's own words, 200 characters of them, for a person to read; undefined for what is no text or number. They may
 * be an echo, so the secret is cut out of them.
 */
export const said = (words: unknown, secret: Secret): string | undefined => {
	if (typeof words !== "string" && typeof words !== "number") return undefined;
	const text = `${words}`.split(secret.reveal()).join(`${secret}`);
	return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};

/** Nothing of a bad answer is kept (invariant 4). @param reason what is wrong with it */
export const badAnswer = (reason: string, values?: FailureValues): Failure => {
	return new Failure("register", "bad-answer", "retry", { reason, ...values });
};

const unexpectedStatus = (reply: HttpReply): Failure => {
	const { status } = reply;
	const retryAfter = patience(reply);
	const overloaded = status === 429 || status === 503;
	return new Failure(
		"register",
		"http-status",
		overloaded ? "wait" : "retry",
		retryAfter > 0 ? { number: status, retryAfter } : { number: status },
	);
};

/** `Retry-After` in seconds (RFC 9110 section 10.2.3): a number, or a date set against the server's own `Date`. 0 where there is none. */
const patience = ({ retryAfter, date }: HttpReply): number => {
	if (retryAfter === undefined) return 0;
	const number = Number(retryAfter);
	const seconds = number >= 0 ? number : Math.floor((Date.parse(retryAfter) - Date.parse(date ?? "") + 999) / 1000);
	return seconds > 0 ? seconds : 0;
};

/** What a CONNACK means to a device that connects with its credential (MQTT 3.1.1, section 3.2.2.3), whatever the cloud. */
export const sessionRefusal = (number: number): Failure =>
	number === 3
		? new Failure("connect", "broker-unavailable", "retry", { number })
		: // 2 is said of a client id that the broker does not know: a device deleted in the console, for one.
			number === 2 || number === 4 || number === 5
			? new Failure("connect", "credential-refused", "retry", { number })
			: new Failure("connect", "mqtt-refused", "stop", { number });
