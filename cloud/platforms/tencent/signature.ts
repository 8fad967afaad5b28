/** Signatures, and how a wrong one was made: found by repeating the usual mistakes. */

import { createHmac } from "node:crypto";
import { signatureForms } from "../signature-forms.js";

export type HmacName = "hmacsha1" | "hmacsha256";
export type SignatureEncoding = "base64 of the raw digest" | "base64 of the lower-case hex digest";

/** How a signature is made. */
export interface SignatureSpec {
	readonly algorithm: HmacName;
	readonly encoding: SignatureEncoding;
	readonly stringToSign: string;
}

/** A string that may have been signed by mistake, and the mistake. */
export interface Mistake {
	readonly stringToSign: string;
	readonly mistake: string;
}

export function createSignature(spec: SignatureSpec, key: string | Buffer): string {
	const digest = hmac(spec.algorithm, key, spec.stringToSign);
	return encodings[spec.encoding](digest);
}

/** Bytes. */
const digestSizes = { hmacsha1: 20, hmacsha256: 32 } as const;

export const hashes = { hmacsha1: "sha1", hmacsha256: "sha256" } as const;

function hmac(algorithm: HmacName, key: string | Buffer, text: string): Buffer {
	return createHmac(hashes[algorithm], key).update(text).digest();
}

const encodings = {
	"base64 of the raw digest": (digest: Buffer) => digest.toString("base64"),
	"base64 of the lower-case hex digest": (digest: Buffer) => Buffer.from(digest.toString("hex")).toString("base64"),
	"base64 of the upper-case hex digest": (digest: Buffer) =>
		Buffer.from(digest.toString("hex").toUpperCase()).toString("base64"),
	"the hex digest": (digest: Buffer) => digest.toString("hex"),
};

/**
 * @param mistakes strings that may have been signed in place of the right one
 * @returns a sentence: why this signature is wrong
 */
export function explainSignature(
	received: string,
	spec: SignatureSpec,
	secret: string,
	mistakes: readonly Mistake[],
): string {
	const strings: Mistake[] = [{ stringToSign: spec.stringToSign, mistake: "" }, ...mistakes];
	const keys = [
		{ key: secret, mistake: "" },
		{
			key: secret.slice(0, 16),
			mistake: "The key is only the first 16 characters of the product secret. Expected the whole secret.",
		},
		{
			key: Buffer.from(secret, "base64"),
			mistake: "The key is the product secret decoded as base64. Expected the secret itself.",
		},
	];
	const forms = signatureForms(received, digestSizes, encodings);
	for (const text of strings)
		for (const key of keys)
			for (const { method: algorithm, encoders } of forms) {
				const digest = hmac(algorithm, key.key, text.stringToSign);
				for (const [encoding, encode] of encoders) {
					if (encode(digest) !== received) continue;
					const found = [
						text.mistake,
						key.mistake,
						algorithm === spec.algorithm ? "" : `The algorithm is ${algorithm}. Expected ${spec.algorithm}.`,
						encoding === spec.encoding ? "" : `The encoding is ${encoding}. Expected ${spec.encoding}.`,
					];
					return `The signature is wrong. ${found.filter(Boolean).join(" ")}`;
				}
			}
	return "The signature is wrong. The board's product secret is probably another product's, cut short, or a sample. Otherwise compare the signed text with the expected text.";
}
