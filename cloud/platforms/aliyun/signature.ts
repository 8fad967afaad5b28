/**
 * Signatures: hex, in either case, of an HMAC over names and values without separators,
 * `deviceName{deviceName}productKey{productKey}…`. How a wrong one was made is found by repeating the usual mistakes.
 */

import { createHmac } from "node:crypto";
import { permutations } from "../permutations.js";
import type { ExpectedSignature } from "../registration-refusal.js";
import { signatureForms } from "../signature-forms.js";

const hashes = { hmacmd5: "md5", hmacsha1: "sha1", hmacsha256: "sha256" } as const;
export type SignMethod = keyof typeof hashes;

/** However an SDK spells it: `HmacMD5`, `hmacmd5`, `hmac_md5` … */
export function readSignMethod(text: string): SignMethod | undefined {
	const name = text.toLowerCase().replaceAll("_", "");
	return Object.hasOwn(hashes, name) ? (name as SignMethod) : undefined;
}

export const signMethods = Object.keys(hashes).join(", ");

export type SignedFields = readonly (readonly [name: string, value: string])[];

/** How the signature has to be made. */
export interface SignatureSpec {
	readonly method: SignMethod;
	readonly fields: SignedFields;
	readonly key: string;
}

/** What may have been signed, or used as the key, by mistake. */
export interface Mistakes {
	readonly fields: readonly { readonly fields: SignedFields; readonly mistake: string }[];
	readonly keys: readonly { readonly key: string | Buffer; readonly mistake: string }[];
	/** The explanation if no known mistake yields this signature. */
	readonly unknownMistake: string;
}

export interface WrongSignature {
	readonly reason: string;
	readonly expected: ExpectedSignature;
}

/** @returns undefined if it is right */
export function checkSignature(received: string, spec: SignatureSpec, mistakes: Mistakes): WrongSignature | undefined {
	const stringToSign = joinFields(spec.fields);
	if (signHmac(spec.method, spec.key, stringToSign).toString("hex") === received.toLowerCase()) return undefined;
	const expected = { algorithm: spec.method, stringToSign };
	return { reason: explain(received, spec, mistakes), expected };
}

export function joinFields(fields: SignedFields): string {
	return fields.flat().join("");
}

export function signHmac(method: SignMethod, key: string | Buffer, text: string): Buffer {
	return createHmac(hashes[method], key).update(text).digest();
}

/** Bytes. */
const digestSizes = { hmacmd5: 16, hmacsha1: 20, hmacsha256: 32 } as const;

const encodings = {
	hex: (digest: Buffer) => digest.toString("hex"),
	"base64 of the digest": (digest: Buffer) => digest.toString("base64"),
	"base64 of the hex digest": (digest: Buffer) => Buffer.from(digest.toString("hex")).toString("base64"),
};

function explain(received: string, spec: SignatureSpec, mistakes: Mistakes): string {
	const keys = [{ key: spec.key as string | Buffer, mistake: "" }, ...mistakes.keys];
	const verbatim = keys.find(({ key }) => key === received);
	if (verbatim) return "The value is a secret itself. Expected an HMAC made with the secret.";
	const forms = signatureForms(received, digestSizes, encodings);
	for (const text of texts(spec, mistakes))
		for (const key of keys)
			for (const { method, encoders } of forms) {
				const digest = signHmac(method, key.key, text.text);
				for (const [encoding, encode] of encoders) {
					const made = encode(digest);
					if (made !== (encoding === "hex" ? received.toLowerCase() : received)) continue;
					const found = [
						text.mistake,
						key.mistake,
						method === spec.method ? "" : `The algorithm is ${method}. Expected ${spec.method}.`,
						encoding === "hex" ? "" : `The encoding is ${encoding}. Expected hex.`,
					];
					return found.filter(Boolean).join(" ");
				}
			}
	return mistakes.unknownMistake;
}

function texts({ fields }: SignatureSpec, mistakes: Mistakes): { readonly text: string; readonly mistake: string }[] {
	const order = (of: SignedFields): string => of.map(([name]) => name).join(", ");
	return [
		{ text: joinFields(fields), mistake: "" },
		...mistakes.fields.map((one) => ({ text: joinFields(one.fields), mistake: one.mistake })),
		...permutations(fields)
			.slice(1)
			.map((other) => ({
				text: joinFields(other),
				mistake: `The fields are in the order ${order(other)}. Expected ${order(fields)}.`,
			})),
		{
			text: fields.map(([, value]) => value).join(""),
			mistake: "The names of the fields are missing.",
		},
		{
			text: fields.map(([name, value]) => `${name}=${value}`).join("&"),
			mistake: "The fields are joined with = and &. Expected nothing between the fields.",
		},
	];
}
