import { BlockCipher, Digest, Mode } from "crypt";
import HMAC from "hmac";
import type { Bytes, Crypto } from "../../../modules/contracts/host.js";

export const crypto: Crypto = Object.freeze({
	hmac(hash, key, message) {
		return new Uint8Array(new HMAC(new Digest(hash), bytesOf(key)).process(bytesOf(message)));
	},
	digest(hash, message) {
		return new Uint8Array(new Digest(hash).process(bytesOf(message)));
	},
	decrypt(key, iv, data) {
		const mode = new Mode("CBC", new BlockCipher("AES", bytesOf(key)), bytesOf(iv));
		return new Uint8Array(mode.decrypt(data.slice().buffer));
	},
	utf8: (text) => new Uint8Array(ArrayBuffer.fromString(text)),
	text(bytes) {
		// The engine rejects all other malformed sequences.
		for (let i = 0; i < bytes.length; i++)
			if (isIllFormed(bytes[i] as number, bytes[i + 1] ?? 0)) throw new Error("not UTF-8");
		return String.fromArrayBuffer(bytes.slice().buffer);
	},
	hex: (bytes) => bytes.toHex(),
	base64: (bytes) => bytes.toBase64(),
	fromBase64(text) {
		const bytes = Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
		// Reject white space, which the engine skips.
		if (text.length !== Math.floor((bytes.length + 2) / 3) * 4) throw new Error("not base64");
		return bytes;
	},
	fromPem(text) {
		let first = text.length;
		let contents = "";
		const labels = ["CERTIFICATE", "RSA PRIVATE KEY", "PRIVATE KEY"];
		for (let i = 0; i < labels.length; i++) {
			const label = labels[i] as string;
			const start = text.indexOf(`-----BEGIN ${label}-----`);
			const end = text.indexOf(`-----END ${label}-----`, start);
			if (start < 0 || start > first || end < 0) continue;
			first = start;
			contents = text.slice(start + label.length + 16, end);
		}
		const der = Uint8Array.fromBase64(contents, { lastChunkHandling: "strict" });
		if (der.length === 0) throw new Error("no certificate or private key in PEM");
		return der;
	},
} satisfies Crypto);

const bytesOf = (data: Bytes): ArrayBuffer =>
	typeof data === "string" ? ArrayBuffer.fromString(data) : data.slice().buffer;

/** Whether two bytes begin a surrogate, an invalid code point or an overlong sequence (RFC 3629, section 4). */
const isIllFormed = (first: number, next: number): boolean => {
	if (first === 0xe0) return next < 0xa0;
	if (first === 0xed) return next >= 0xa0;
	if (first === 0xf0) return next < 0x90;
	if (first === 0xf4) return next >= 0x90;
	return first === 0xc0 || first === 0xc1 || first > 0xf4;
};
