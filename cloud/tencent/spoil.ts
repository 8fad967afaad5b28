/** Answers that are wrong inside, of both versions of the protocol. */

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Spoils } from "../platform.js";

const BLOCK = 16;
const IV = "0".repeat(BLOCK);

/** What the answers of both versions hold, under the names of one. */
interface Sealed {
	length: number;
	/** Padding included. */
	plain: Buffer;
	key: string;
}

export const spoils: Spoils = {
	"wrong-len": change((sealed) => {
		sealed.length += BLOCK;
	}),
	"wrong-padding": change((sealed) => {
		// Where the text fills its blocks there is no padding yet.
		if (sealed.length === sealed.plain.length) sealed.plain = Buffer.concat([sealed.plain, Buffer.alloc(BLOCK)]);
		sealed.plain.fill(BLOCK - (sealed.length % BLOCK), sealed.length);
	}),
	"wrong-key": change((sealed) => {
		sealed.key = randomBytes(BLOCK / 2).toString("hex");
	}),
	"wrong-secret": change((sealed) => {
		const { psk, ...others } = JSON.parse(sealed.plain.toString("utf8", 0, sealed.length));
		// A product with certificates has no secret of which there could be another one.
		if (psk === undefined) return;
		const text = Buffer.from(JSON.stringify({ ...others, psk: randomBytes(16).toString("base64") }));
		sealed.plain.fill(0);
		text.copy(sealed.plain);
		sealed.length = text.length;
	}),
};

function change(spoil: (sealed: Sealed) => void): (answer: string, productSecret: string) => string {
	return (answer, productSecret) => {
		const body = JSON.parse(answer);
		const [holder, names] = body.Response
			? ([body.Response, { length: "Len", payload: "Payload" }] as const)
			: ([body, { length: "len", payload: "payload" }] as const);
		const key = productSecret.slice(0, BLOCK);
		const opener = createDecipheriv("aes-128-cbc", key, IV).setAutoPadding(false);
		const plain = Buffer.concat([opener.update(holder[names.payload], "base64"), opener.final()]);
		const sealed: Sealed = { length: holder[names.length], plain, key };
		spoil(sealed);
		const sealer = createCipheriv("aes-128-cbc", sealed.key, IV).setAutoPadding(false);
		holder[names.payload] = Buffer.concat([sealer.update(sealed.plain), sealer.final()]).toString("base64");
		holder[names.length] = sealed.length;
		return JSON.stringify(body);
	};
}
