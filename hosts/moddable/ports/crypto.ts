import { BlockCipher, Digest, Mode } from "crypt";
import HMAC from "hmac";
import Transform from "transform";
import type { Bytes, Crypto } from "../../../modules/contracts/host.js";

/** The four characters of each group, padding at the end only. */
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** The blocks that `fromPem` reads: label, contents. */
const pem = /-----BEGIN (CERTIFICATE|(?:RSA )?PRIVATE KEY)-----([\s\S]*?)-----END \1-----/;

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
		// The rest of what is malformed the engine refuses itself.
		if (bytes.some((byte, index) => isIllFormed(byte, bytes[index + 1] ?? 0))) throw new Error("not UTF-8");
		return String.fromArrayBuffer(bytes.slice().buffer);
	},
	hex: (bytes) => bytes.toHex(),
	base64: (bytes) => bytes.toBase64(),
	fromBase64(text) {
		// The engine's own reader skips white space.
		if (!base64.test(text)) throw new Error("not base64");
		return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
	},
	fromPem(text) {
		const [, label, contents = ""] = pem.exec(text) ?? [];
		const written = contents.replace(/\s/g, "");
		if (written === "" || !base64.test(written)) throw new Error("no certificate or private key in PEM");
		return new Uint8Array(Transform.pemToDER(`-----BEGIN ${label}-----\n${written}\n-----END ${label}-----`));
	},
} satisfies Crypto);

function bytesOf(data: Bytes): ArrayBuffer {
	return typeof data === "string" ? ArrayBuffer.fromString(data) : data.slice().buffer;
}

/** Whether these two bytes begin a sequence for a surrogate, for no character, or too long a one (RFC 3629, section 4). */
function isIllFormed(first: number, second: number): boolean {
	if (first === 0xe0) return second < 0xa0;
	if (first === 0xed) return second >= 0xa0;
	if (first === 0xf0) return second < 0x90;
	if (first === 0xf4) return second >= 0x90;
	return first === 0xc0 || first === 0xc1 || first > 0xf4;
}
