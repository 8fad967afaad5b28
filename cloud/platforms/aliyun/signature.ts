/**
 * Signatures: hex, in either case, of an HMAC over names and values without separators,
 * `deviceName{deviceName}productKey{productKey}…`. How a wrong one was made is found by repeating the usual mistakes.
 */

import { createHmac } from "node:crypto";
import { permutations } from "../permutations.js";
import type { ExpectedSignature } from "../refusal.js";

const hashes = { hmacmd5: "md5", hmacsha1: "sha1", hmacsha256: "sha256" } as const;
export type SignMethod = keyof typeof hashes;

/** However an SDK spells it: `HmacMD5`, `hmacmd5`, `hmac_md5` … */
export function readSignMethod(text: string): SignMethod | undefined {
	const name = text.toLowerCase().replaceAll("_", "");
	return Object.hasOwn(hashes, name) ? (name as SignMethod) : undefined;
}

export const signMethods = Object.keys(hashes).join(", ");

export type Fields = readonly (readonly [name: string, value: string])[];

/** How the signature has to be made. */
export interface Recipe {
	readonly method: SignMethod;
	readonly fields: Fields;
	readonly key: string;
}

/** What may have been signed, or used as the key, by mistake. */
export interface Mistakes {
	readonly fields: readonly { readonly fields: Fields; readonly what: string }[];
	readonly keys: readonly { readonly key: string | Buffer; readonly what: string }[];
	/** The explanation if no known mistake yields this signature. */
	readonly otherwise: string;
}

export interface WrongSignature {
	readonly reason: string;
	readonly expected: ExpectedSignature;
}

/** @returns undefined if it is right */
export function check(received: string, recipe: Recipe, mistakes: Mistakes): WrongSignature | undefined {
	const stringToSign = content(recipe.fields);
	if (hmac(recipe.method, recipe.key, stringToSign).toString("hex") === received.toLowerCase()) return undefined;
	const expected = { algorithm: recipe.method, stringToSign };
	return { reason: explain(received, recipe, mistakes), expected };
}

export function content(fields: Fields): string {
	return fields.flat().join("");
}

export function hmac(method: SignMethod, key: string | Buffer, text: string): Buffer {
	return createHmac(hashes[method], key).update(text).digest();
}

const encodings = {
	hex: (digest: Buffer) => digest.toString("hex"),
	"base64 of the digest": (digest: Buffer) => digest.toString("base64"),
	"base64 of the hex digest": (digest: Buffer) => Buffer.from(digest.toString("hex")).toString("base64"),
};

function explain(received: string, recipe: Recipe, mistakes: Mistakes): string {
	const keys = [{ key: recipe.key as string | Buffer, what: "" }, ...mistakes.keys];
	const verbatim = keys.find(({ key }) => key === received);
	if (verbatim) return "it is a secret as it stands: an HMAC made with the secret is due";
	for (const text of texts(recipe, mistakes))
		for (const key of keys)
			for (const method of Object.keys(hashes) as SignMethod[]) {
				const digest = hmac(method, key.key, text.text);
				for (const [encoding, encode] of Object.entries(encodings)) {
					const made = encode(digest);
					if (made !== (encoding === "hex" ? received.toLowerCase() : received)) continue;
					const found = [
						text.what,
						key.what,
						method === recipe.method ? "" : `it is ${method}, where ${recipe.method} is due`,
						encoding === "hex" ? "" : `it is ${encoding}, where hex is due`,
					];
					return found.filter(Boolean).join("; ");
				}
			}
	return mistakes.otherwise;
}

function texts({ fields }: Recipe, mistakes: Mistakes): { readonly text: string; readonly what: string }[] {
	const order = (of: Fields): string => of.map(([name]) => name).join(", ");
	return [
		{ text: content(fields), what: "" },
		...mistakes.fields.map((one) => ({ text: content(one.fields), what: one.what })),
		...permutations(fields)
			.slice(1)
			.map((other) => ({
				text: content(other),
				what: `its fields are in the order ${order(other)}, where ${order(fields)} is due`,
			})),
		{
			text: fields.map(([, value]) => value).join(""),
			what: "it lacks the names of the fields",
		},
		{
			text: fields.map(([name, value]) => `${name}=${value}`).join("&"),
			what: "its fields are joined with = and &, where nothing is due between them",
		},
	];
}
