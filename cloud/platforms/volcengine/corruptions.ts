import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { Corruptions } from "../platform.js";

/** Bytes. */
const block = 16;

/** The encrypted part of a response. */
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
		// The last byte still says how many there are.
		sealed.plain.fill(0, sealed.length, sealed.plain.length - 1);
		// A single byte of padding has no other to be compared with.
		if (sealed.plain.length - sealed.length === 1) sealed.plain[sealed.length] = 0;
	}),
	"wrong-key": change((sealed) => {
		sealed.key = randomBytes(block / 2).toString("hex");
	}),
	"wrong-secret": change((sealed) => {
		const other = randomBytes(sealed.length).toString("hex").slice(0, sealed.length);
		sealed.plain.write(other);
	}),
};

function change(corrupt: (sealed: EncryptedPart) => void): (response: string, productSecret: string) => string {
	return (response, productSecret) => {
		const body = JSON.parse(response);
		const key = productSecret.slice(0, block);
		const opener = createDecipheriv("aes-128-cbc", key, key).setAutoPadding(false);
		const plain = Buffer.concat([opener.update(body.Result.payload, "base64"), opener.final()]);
		const sealed: EncryptedPart = { length: body.Result.len, plain, key };
		corrupt(sealed);
		const sealer = createCipheriv("aes-128-cbc", sealed.key, sealed.key).setAutoPadding(false);
		const payload = Buffer.concat([sealer.update(sealed.plain), sealer.final()]).toString("base64");
		return JSON.stringify({ ...body, Result: { len: sealed.length, payload } });
	};
}
