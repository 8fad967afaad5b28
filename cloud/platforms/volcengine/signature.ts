/**
 * Signatures: base64 of HMAC-SHA256 over five fields, in an order that is not the alphabetical one. How a wrong one was
 * made is found by repeating the usual mistakes.
 */

import { createHmac } from "node:crypto";
import { permutations } from "../permutations.js";
import type { ExpectedSignature } from "../registration-refusal.js";
import { signatureForms } from "../signature-forms.js";

/** As they are in the request, numbers to the digit. */
export interface SignedFields {
	readonly authType: string;
	readonly deviceName: string;
	readonly random: string;
	readonly productKey: string;
	readonly timestamp: string;
}

/** A key that may have been used by mistake. */
export interface WrongKey {
	readonly key: string | Buffer;
	readonly mistake: string;
}

export interface WrongSignature {
	readonly reason: string;
	readonly expected: ExpectedSignature;
}

type Pairs = readonly (readonly [name: string, value: string])[];

function pairs({ authType, deviceName, random, productKey, timestamp }: SignedFields): Pairs {
	return [
		["auth_type", authType],
		["device_name", deviceName],
		["random_num", random],
		["product_key", productKey],
		["timestamp", timestamp],
	];
}

function joined(fields: Pairs): string {
	return fields.map(([name, value]) => `${name}=${value}`).join("&");
}

/** @returns undefined if it is right */
export function checkSignature(
	received: string,
	fields: SignedFields,
	key: string,
	wrongKeys: readonly WrongKey[],
	unknownMistake: string,
): WrongSignature | undefined {
	const stringToSign = joined(pairs(fields));
	if (createHmac("sha256", key).update(stringToSign).digest("base64") === received) return undefined;
	const reason = explain(received, fields, [{ key, mistake: "" }, ...wrongKeys]) ?? unknownMistake;
	return { reason, expected: { algorithm: "hmacsha256", encoding: "base64 of the digest", stringToSign } };
}

/** Bytes. */
const digestSizes = { sha1: 20, sha256: 32 } as const;

const encodings = {
	"base64 of the digest": (digest: Buffer) => digest.toString("base64"),
	"hexadecimal digits": (digest: Buffer) => digest.toString("hex"),
	"base64 of the hexadecimal digits": (digest: Buffer) => Buffer.from(digest.toString("hex")).toString("base64"),
};

function explain(received: string, fields: SignedFields, keys: readonly WrongKey[]): string | undefined {
	if (keys.some(({ key }) => key === received))
		return "The value is a secret itself. Expected an HMAC made with the secret.";
	const forms = signatureForms(received, digestSizes, encodings);
	for (const text of texts(fields))
		for (const key of keys)
			for (const { method, encoders } of forms) {
				const digest = createHmac(method, key.key).update(text.text).digest();
				for (const [encoding, encode] of encoders) {
					if (encode(digest) !== received) continue;
					const found = [
						text.mistake,
						key.mistake,
						method === "sha256" ? "" : `The algorithm is HMAC-${method.toUpperCase()}. Expected HMAC-SHA256.`,
						encoding === "base64 of the digest" ? "" : `The encoding is ${encoding}. Expected base64 of the digest.`,
					];
					return found.filter(Boolean).join(" ");
				}
			}
	return undefined;
}

function texts(fields: SignedFields): { readonly text: string; readonly mistake: string }[] {
	const right = pairs(fields);
	const order = (of: Pairs): string => of.map(([name]) => name).join(", ");
	return [
		{ text: joined(right), mistake: "" },
		...otherUnits(fields.timestamp).map((timestamp) => ({
			text: joined(pairs({ ...fields, timestamp })),
			mistake: "The signed timestamp has another unit than the one that is sent.",
		})),
		{
			text: String(new URLSearchParams(joined(right))),
			mistake: "The values are URL-encoded. Expected them as they are.",
		},
		{
			text: right.flat().join(""),
			mistake: "The fields are joined without separators. Expected = and & between names and values.",
		},
		...permutations(right)
			.slice(1)
			.map((other) => ({
				text: joined(other),
				mistake: `The fields are in the order ${order(other)}. Expected ${order(right)}.`,
			})),
	];
}

/** The same time in seconds, or at the begin of the same second in milliseconds. */
function otherUnits(timestamp: string): string[] {
	return timestamp.length > 12 ? [timestamp.slice(0, -3)] : [`${timestamp}000`];
}
