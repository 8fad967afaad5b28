/**
 * Shared access signatures: `SharedAccessSignature sr=…&sig=…&se=…`, in any order. What is wrong with one is found by
 * repeating the usual mistakes.
 */

import { createHmac } from "node:crypto";
import type { ExpectedSignature } from "../registration-refusal.js";

export interface TokenSpec {
	/** What the token has to be for, not encoded. */
	readonly resource: string;
	/** `skn`. */
	readonly policy: "registration" | "";
	/** Base64. */
	readonly key: string;
	/** What may have been used as the key by mistake. */
	readonly otherKeys: readonly { readonly key: string; readonly mistake: string }[];
	/** UTC in milliseconds since 1970. */
	readonly now: number;
	readonly checkTimestamps: boolean;
}

export interface TokenError {
	readonly kind: "bad-request" | "bad-timestamp" | "bad-signature";
	readonly reason: string;
	readonly expected?: ExpectedSignature;
}

const form = 'Expected "SharedAccessSignature sr=…&sig=…&se=…".';

/** @returns what is wrong; undefined if the token is valid */
export function tokenError(text: string | undefined, spec: TokenSpec): TokenError | undefined {
	if (!text) return { kind: "bad-request", reason: `The token is missing. ${form}` };
	const fields = tokenFields(text);
	const { sr, sig, se } = fields ?? {};
	if (!sr || !sig || !se || !/^\d{1,12}$/.test(se))
		return { kind: "bad-request", reason: `The token is malformed. ${form}` };
	const resource = decoded(sr);
	if (resource.toLowerCase() !== spec.resource.toLowerCase())
		return { kind: "bad-signature", reason: `The token is for another resource. Expected sr=${spec.resource}.` };
	if ((fields?.skn ?? "") !== spec.policy)
		return {
			kind: "bad-signature",
			reason: spec.policy ? "skn is wrong. Expected skn=registration." : "The token has a policy. Expected no skn.",
		};
	const received = decoded(sig);
	const stringToSign = `${sr}\n${se}`;
	if (sign(spec.key, stringToSign) !== received) {
		const expected = { algorithm: "hmacsha256", encoding: "base64", stringToSign };
		return { kind: "bad-signature", reason: explain(received, sr, se, spec), expected };
	}
	if (spec.checkTimestamps && Number(se) * 1000 <= spec.now)
		return {
			kind: "bad-timestamp",
			reason: `The token has expired: ${Math.ceil(spec.now / 1000 - Number(se))} s ago. Check the board's clock.`,
		};
	return undefined;
}

/** When it expires: milliseconds since 1970. @param token valid */
export function tokenEnd(token: string): number {
	return Number(tokenFields(token)?.se) * 1000;
}

function tokenFields(text: string): Readonly<Record<string, string>> | undefined {
	const [, parameters] = /^SharedAccessSignature (.+)$/.exec(text) ?? [];
	return parameters === undefined
		? undefined
		: Object.fromEntries(
				parameters.split("&").map((each) => {
					const at = each.indexOf("=");
					return [each.slice(0, Math.max(at, 0)), each.slice(at + 1)];
				}),
			);
}

/** @returns the text itself where it is not valid percent-encoding */
function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

function sign(key: string | Buffer, text: string, encoding: "base64" | "hex" = "base64"): string {
	return createHmac("sha256", typeof key === "string" ? Buffer.from(key, "base64") : key)
		.update(text)
		.digest(encoding);
}

function explain(received: string, sr: string, se: string, { key, otherKeys }: TokenSpec): string {
	const keys = [
		{ key: key as string | Buffer, mistake: "" },
		{ key: Buffer.from(key), mistake: "The key is the base64 text. Expected its decoded bytes." },
		...otherKeys,
	];
	const texts = [
		{ text: `${sr}\n${se}`, mistake: "" },
		{ text: `${decoded(sr)}\n${se}`, mistake: "sr is signed without the percent-encoding that it is sent with." },
		{ text: `${encodeURIComponent(sr)}\n${se}`, mistake: "sr is signed with percent-encoding, but sent without." },
		{ text: `${sr}${se}`, mistake: "The line feed between sr and se is not signed." },
	];
	for (const text of texts)
		for (const each of keys)
			for (const encoding of ["base64", "hex"] as const) {
				if (sign(each.key, text.text, encoding) !== received) continue;
				const wrong = encoding === "hex" ? "The encoding is hexadecimal. Expected base64." : "";
				return ["The signature is wrong.", text.mistake, each.mistake, wrong].filter(Boolean).join(" ");
			}
	return "The signature is wrong. The board's key is probably another device's, or derived from another group's key or for another registration id.";
}
