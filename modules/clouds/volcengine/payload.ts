import { isPrintable } from "../../configuration/readers.js";
import type { Crypto } from "../../contracts/host.js";
import { Secret } from "../../core/secret.js";
import { badResponse } from "../responses.js";

/**
 * Decrypts the device secret in a registration's payload.
 *
 * base64, then AES-128-CBC with the first 16 characters of the product secret as key and the same again as IV, padded
 * by PKCS #7 (RFC 5652, section 6.3); `length` counts the bytes before the padding. The text is the secret itself, of 24
 * hexadecimal digits in the only published response. Source: Go SDK fdcd839 (`getSecret`). Unlike the SDKs, this checks
 * everything, since a wrong secret loses the board.
 *
 * @throws Failure `bad-answer`
 */
export const decryptPayload = (crypto: Crypto, productSecret: Secret, payload: string, length: number): Secret => {
	const key = productSecret.reveal().slice(0, 16);
	const plain = crypto.decrypt(key, key, blocks(crypto, payload));
	const padding = plain[plain.length - 1] as number;
	if (padding < 1 || padding > 16) throw badResponse("not-decrypted");
	for (let i = plain.length - padding; i < plain.length; i++)
		if (plain[i] !== padding) throw badResponse("not-decrypted");
	if (length !== plain.length - padding) throw badResponse("length", { value: `${length}`, bytes: plain.length });
	return new Secret(text(crypto, plain.subarray(0, length)));
};

const blocks = (crypto: Crypto, payload: string): Uint8Array => {
	let data: Uint8Array;
	try {
		data = crypto.fromBase64(payload);
	} catch {
		throw badResponse("not-base64");
	}
	if (data.length === 0 || data.length % 16 !== 0) throw badResponse("block-size", { bytes: data.length });
	return data;
};

/** At most 64 characters: the console's and the SDKs' limits are not established. */
const text = (crypto: Crypto, bytes: Uint8Array): string => {
	let found = "";
	try {
		found = crypto.text(bytes);
	} catch {}
	if (!found || found.length > 64 || !isPrintable(found)) throw badResponse("not-decrypted");
	return found;
};
