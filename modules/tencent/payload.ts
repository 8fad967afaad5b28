import { badAnswer, type Fields, fields } from "dynreg/answer";
import { Secret } from "dynreg/secret";
import type { Credential } from "../contracts/credential.js";
import type { Crypto } from "../contracts/host.js";

const block = 16;

/**
 * The credential inside a registration's payload, the same for v1 and v2.
 *
 * base64, then AES-128-CBC with the first 16 characters of the product secret as key and
 * sixteen "0" characters as IV, padded with zero bytes (not PKCS #7); `length` counts the
 * bytes before the padding. Seen in the vendor's run log of 2019-09-17 and in all its SDKs.
 * The SDKs are lenient here; this is not, since what it returns is what a board lives on.
 *
 * @throws Failure `bad-answer`
 */
export function openPayload(crypto: Crypto, productSecret: Secret, payload: unknown, length: unknown): Credential {
	const plain = decrypt(crypto, productSecret, payload);
	if (typeof length !== "number" || length % 1 !== 0 || length <= plain.length - block || length > plain.length)
		throw badAnswer(`says ${String(length)} bytes of plain text, but has ${plain.length}, padding included`);
	if (plain.subarray(length).some((byte) => byte !== 0)) throw badAnswer(cannotDecrypt);
	let content: Fields;
	try {
		content = fields(JSON.parse(crypto.text(plain.subarray(0, length))));
	} catch {
		throw badAnswer(cannotDecrypt);
	}
	if (content.encryptionType !== 2)
		throw badAnswer(
			`is for a certificate product (encryptionType ${String(content.encryptionType)}), which this firmware does not support yet`,
		);
	return { kind: "key", secret: psk(crypto, content.psk) };
}

const cannotDecrypt = "does not decrypt with this product's secret";

function decrypt(crypto: Crypto, productSecret: Secret, payload: unknown): Uint8Array {
	let data: Uint8Array;
	try {
		data = crypto.fromBase64(payload as string);
	} catch {
		throw badAnswer("has a payload that is not base64");
	}
	if (data.length === 0 || data.length % block !== 0)
		throw badAnswer(`has a payload of ${data.length} bytes, not a multiple of ${block}`);
	return crypto.decrypt(productSecret.reveal().slice(0, block), "0".repeat(block), data);
}

/** 16 bytes in every answer seen; up to 48 by the C SDK's buffer. Kept as text: a lost "==" is a refused board. */
function psk(crypto: Crypto, value: unknown): Secret {
	let bytes = 0;
	try {
		bytes = crypto.fromBase64(value as string).length;
	} catch {}
	if (bytes < block || bytes > 3 * block) throw badAnswer("holds no valid psk");
	return new Secret(value as string);
}
