/** Signatures, and how a wrong one was made: found by repeating the usual mistakes. */

import { createHmac } from "node:crypto";

export type HmacName = "hmacsha1" | "hmacsha256";
export type Encoding = "base64 of the raw digest" | "base64 of the lower-case hex digest";

/** How a signature is made. */
export interface Recipe {
	readonly algorithm: HmacName;
	readonly encoding: Encoding;
	readonly stringToSign: string;
}

/** A string that may have been signed by mistake, and the mistake. */
export interface Mistake {
	readonly stringToSign: string;
	readonly what: string;
}

export function signature(recipe: Recipe, key: string | Buffer): string {
	const digest = hmac(recipe.algorithm, key, recipe.stringToSign);
	return encodings[recipe.encoding](digest);
}

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
export function explain(received: string, recipe: Recipe, secret: string, mistakes: readonly Mistake[]): string {
	const strings: Mistake[] = [{ stringToSign: recipe.stringToSign, what: "" }, ...mistakes];
	const keys = [
		{ key: secret, what: "" },
		{ key: secret.slice(0, 16), what: "its key is only the first 16 characters of the product secret" },
		{ key: Buffer.from(secret, "base64"), what: "its key is the product secret decoded as base64, not as it is" },
	];
	for (const text of strings)
		for (const key of keys)
			for (const algorithm of ["hmacsha1", "hmacsha256"] as const) {
				const digest = hmac(algorithm, key.key, text.stringToSign);
				for (const [encoding, encode] of Object.entries(encodings)) {
					if (encode(digest) !== received) continue;
					const found = [
						text.what,
						key.what,
						algorithm === recipe.algorithm ? "" : `it is ${algorithm}, where ${recipe.algorithm} is due`,
						encoding === recipe.encoding ? "" : `it is ${encoding}, where ${recipe.encoding} is due`,
					];
					return `the signature is wrong: ${found.filter(Boolean).join("; ")}`;
				}
			}
	return "the signature is wrong: most likely the board's product secret is not this product's (copied from another product, cut short, or a redacted sample); else the string that it signed differs from the one expected";
}
