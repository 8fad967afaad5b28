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
export function answer(reply: HttpReply, crypto: Crypto): Fields {
	if (reply.status !== 200) throw unexpectedStatus(reply);
	return json(reply.body, crypto);
}

/**
 * The JSON object that these bytes are.
 *
 * @throws Failure `bad-answer`
 */
export function json(bytes: Uint8Array, crypto: Crypto): Fields {
	let value: unknown;
	try {
		value = parseJson(crypto.text(bytes));
	} catch {
		throw badAnswer("is not JSON; if this network shows a log-in page, the board cannot get past it");
	}
	return fields(value);
}

/** @throws Failure `bad-answer` */
export function fields(value: unknown): Fields {
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw badAnswer("is not a JSON object");
	return value as Fields;
}

/** Characters of a platform's own words that are passed on. */
const mostWords = 200;

/**
 * A platform's own words for a person to read: what is no text or number says nothing. They may
 * be an echo, so the secret is cut out of them.
 */
export function said(words: unknown, secret: Secret): string {
	if (typeof words !== "string" && typeof words !== "number") return "no reason given";
	const text = `${words}`.split(secret.reveal()).join(`${secret}`);
	return text.length > mostWords ? `${text.slice(0, mostWords)}…` : text;
}

/** Nothing of a bad answer is kept (invariant 4). @param what ends the sentence "the answer …" */
export function badAnswer(what: string): Failure {
	return new Failure("register", "bad-answer", "retry", `The registration endpoint's answer ${what}.`);
}

function unexpectedStatus(reply: HttpReply): Failure {
	const { status } = reply;
	const retryAfter = patience(reply);
	const overloaded = status === 429 || status === 503;
	return new Failure(
		"register",
		"http-status",
		overloaded ? "wait" : "retry",
		overloaded
			? `The registration endpoint is overloaded (HTTP ${status}).`
			: `The registration endpoint answered HTTP ${status} instead of 200; check endpoints.register, and that no proxy or log-in page stands in between.`,
		retryAfter > 0 ? { number: status, retryAfter } : { number: status },
	);
}

/** `Retry-After` in seconds (RFC 9110 section 10.2.3): a number, or a date set against the server's own `Date`. 0 where there is none. */
function patience({ retryAfter, date }: HttpReply): number {
	if (retryAfter === undefined) return 0;
	const seconds = /^\d+$/.test(retryAfter)
		? Number(retryAfter)
		: Math.ceil((Date.parse(retryAfter) - Date.parse(date ?? "")) / 1000);
	return seconds > 0 ? seconds : 0;
}
