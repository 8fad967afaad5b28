/** Corrupts responses of both versions of the protocol. */

import { createCipheriv, createDecipheriv, generateKeyPairSync, randomBytes } from "node:crypto";
import type { Corruptions } from "../platform.js";

/** Bytes. */
const block = 16;
const iv = "0".repeat(block);

/** The encrypted part of a response, whichever version it has. */
interface EncryptedPart {
	length: number;
	/** With padding. */
	plain: Buffer;
	key: string;
}

export const corruptions: Corruptions = {
	"wrong-len": change((sealed) => {
		sealed.length += block;
	}),
	"wrong-padding": change((sealed) => {
		// A text that fills its blocks has no padding yet.
		if (sealed.length === sealed.plain.length) sealed.plain = Buffer.concat([sealed.plain, Buffer.alloc(block)]);
		sealed.plain.fill(block - (sealed.length % block), sealed.length);
	}),
	"wrong-key": change((sealed) => {
		sealed.key = randomBytes(block / 2).toString("hex");
	}),
	"wrong-secret": change((sealed) => {
		const content = JSON.parse(sealed.plain.toString("utf8", 0, sealed.length));
		if (content.psk !== undefined) content.psk = randomBytes(16).toString("base64");
		else if (content.clientKey !== undefined) content.clientKey = otherKey();
		const text = Buffer.from(JSON.stringify(content));
		sealed.plain = Buffer.alloc(Math.ceil(text.length / block) * block);
		text.copy(sealed.plain);
		sealed.length = text.length;
	}),
};

/** PEM, as the platform issues it. */
function otherKey(): string {
	const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
	return privateKey.export({ type: "pkcs1", format: "pem" }).toString();
}

function change(corrupt: (sealed: EncryptedPart) => void): (response: string, productSecret: string) => string {
	return (response, productSecret) => {
		const body = JSON.parse(response);
		const [holder, names] = body.Response
			? ([body.Response, { length: "Len", payload: "Payload" }] as const)
			: ([body, { length: "len", payload: "payload" }] as const);
		const key = productSecret.slice(0, block);
		const opener = createDecipheriv("aes-128-cbc", key, iv).setAutoPadding(false);
		const plain = Buffer.concat([opener.update(holder[names.payload], "base64"), opener.final()]);
		const sealed: EncryptedPart = { length: holder[names.length], plain, key };
		corrupt(sealed);
		const sealer = createCipheriv("aes-128-cbc", sealed.key, iv).setAutoPadding(false);
		holder[names.payload] = Buffer.concat([sealer.update(sealed.plain), sealer.final()]).toString("base64");
		holder[names.length] = sealed.length;
		return JSON.stringify(body);
	};
}
