import { createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import type { Crypto } from "dynreg/contracts/host";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** A block for `fromPem`: label, contents. */
const pem = /-----BEGIN (CERTIFICATE|(?:RSA )?PRIVATE KEY)-----([\s\S]*?)-----END \1-----/;

export const crypto: Crypto = {
	hmac: (hash, key, message) => plain(createHmac(hash, key).update(message).digest()),
	digest: (hash, message) => plain(createHash(hash).update(message).digest()),
	decrypt(key, iv, data) {
		const cipher = createDecipheriv("aes-128-cbc", key, iv).setAutoPadding(false);
		return plain(Buffer.concat([cipher.update(data), cipher.final()]));
	},
	utf8: (text) => encoder.encode(text),
	text: (bytes) => decoder.decode(bytes),
	hex: (bytes) => view(bytes).toString("hex"),
	base64: (bytes) => view(bytes).toString("base64"),
	fromBase64(text) {
		const bytes = Buffer.from(text, "base64");
		// Node skips invalid characters, so compare with the encoded result.
		if (bytes.toString("base64") !== text) throw new Error("not base64: wrong character, padding or length");
		return plain(bytes);
	},
	fromPem(text) {
		const [, , contents = ""] = pem.exec(text) ?? [];
		const bytes = crypto.fromBase64(contents.replace(/\s/g, ""));
		if (bytes.length === 0) throw new Error("no certificate or private key in PEM");
		return bytes;
	},
};

export function random(count: number): Uint8Array {
	return plain(randomBytes(count));
}

/** A plain `Uint8Array` as on a board, since `Buffer` behaves differently. */
function plain(buffer: Buffer): Uint8Array {
	return new Uint8Array(buffer);
}

function view(bytes: Uint8Array): Buffer {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
