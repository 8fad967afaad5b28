import { configurationError } from "../../configuration/configuration.js";
import type { CertificateCredential, Credential } from "../../contracts/credential.js";
import type { Crypto } from "../../contracts/host.js";
import { parseJson } from "../../core/json.js";
import { Secret } from "../../core/secret.js";
import { badAnswer, type Fields, fields } from "../responses.js";

/**
 * The credential inside a registration's payload, the same for v1 and v2.
 *
 * base64, then AES-128-CBC with the first 16 characters of the product secret as key and
 * sixteen "0" characters as IV, padded with zero bytes (not PKCS #7); `length` counts the
 * bytes before the padding. Seen in the vendor's run log of 2019-09-17 and in all its SDKs.
 * The SDKs are lenient here; this is not, since what it returns is what a board lives on.
 *
 * `encryptionType` is the product's way to authenticate, chosen in the console: 2 by key, 1 by certificate.
 * A certificate comes with its key, or neither comes: then the board has its own (`own`), of a private authority.
 *
 * @throws Failure `bad-answer`; `bad-configuration` for a board that should have a certificate of its own
 */
export const openPayload = (
	crypto: Crypto,
	productSecret: Secret,
	payload: unknown,
	length: unknown,
	own: CertificateCredential | undefined,
): Credential => {
	const plain = decrypt(crypto, productSecret, payload);
	if (typeof length !== "number" || length % 1 !== 0 || length <= plain.length - 16 || length > plain.length)
		throw badAnswer("length", { value: shown(length), number: plain.length });
	for (let i = length; i < plain.length; i++) if (plain[i] !== 0) throw badAnswer("not-decrypted");
	let content: Fields;
	try {
		content = fields(parseJson(crypto.text(plain.subarray(0, length))));
	} catch {
		throw badAnswer("not-decrypted");
	}
	const { encryptionType, psk, clientCert, clientKey } = content;
	if (encryptionType === 2) return { kind: "key", secret: keyIn(crypto, psk) };
	if (encryptionType !== 1) throw badAnswer("encryption-type", { value: shown(encryptionType) });
	if (clientCert !== undefined || clientKey !== undefined) return certificateIn(crypto, clientCert, clientKey);
	if (own !== undefined) return own;
	// The product takes certificates of a private authority, so the device needs its own.
	throw configurationError("clientCertificate", "missing", "register");
};

const decrypt = (crypto: Crypto, productSecret: Secret, payload: unknown): Uint8Array => {
	let data: Uint8Array;
	try {
		data = crypto.fromBase64(text(payload));
	} catch {
		throw badAnswer("not-base64");
	}
	if (data.length === 0 || data.length % 16 !== 0) throw badAnswer("block-size", { number: data.length });
	return crypto.decrypt(productSecret.reveal().slice(0, 16), "0".repeat(16), data);
};

/** 16 bytes in every answer seen; up to 48 by the C SDK's buffer. Kept as text: a lost "==" is a refused board. */
const keyIn = (crypto: Crypto, psk: unknown): Secret => {
	let bytes = 0;
	try {
		bytes = crypto.fromBase64(text(psk)).length;
	} catch {}
	if (bytes < 16 || bytes > 48) throw badAnswer("invalid", { key: "psk" });
	return new Secret(psk as string);
};

const certificateIn = (crypto: Crypto, certificate: unknown, key: unknown): Credential => {
	try {
		return readCertificate(crypto, text(certificate), text(key));
	} catch {
		throw badAnswer("no-certificate");
	}
};

/** What claims to be text must be: a host's decoders may take what only looks like bytes, and its length for granted. */
const text = (value: unknown): string => {
	if (typeof value !== "string") throw new TypeError("no text");
	return value;
};

/** A text in the place of a number may be the secret itself. */
const shown = (value: unknown): string => {
	if (typeof value === "object" && value !== null) return "";
	const text = String(value);
	return typeof value === "string" && text.length > 15 ? "" : text;
};

/**
 * A certificate with its key, from PEM to what a session and the vault want.
 *
 * @param certificates one after another, the device's own first
 * @throws Error unless there is at least one certificate, and a key
 */
export const readCertificate = (crypto: Crypto, certificates: string, key: string): CertificateCredential => {
	const end = "-----END CERTIFICATE-----";
	const blocks = certificates.split(end);
	// What is behind the last one's end is no certificate.
	blocks.pop();
	const chain: Uint8Array[] = [];
	for (let i = 0; i < blocks.length; i++) chain.push(crypto.fromPem(blocks[i] + end));
	if (chain.length === 0) throw new Error("no certificate");
	return {
		kind: "certificate",
		certificates: chain,
		secret: new Secret(crypto.base64(crypto.fromPem(key))),
	};
};
