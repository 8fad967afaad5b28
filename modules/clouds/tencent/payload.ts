import { configurationError } from "../../configuration/readers.js";
import type { CertificateCredential, Credential } from "../../contracts/credential.js";
import type { Crypto, Milliseconds } from "../../contracts/host.js";
import type { Failure } from "../../core/errors.js";
import { parseJson } from "../../core/json.js";
import { Secret } from "../../core/secret.js";
import { certificateFromPem } from "../../x509/client-certificate.js";
import { badResponse, field } from "../responses.js";

export { certificateFromPem };

/**
 * Decrypts the credential in a registration's payload, the same for v1 and v2.
 *
 * base64, then AES-128-CBC with the first 16 characters of the product secret as key and sixteen "0" characters as IV,
 * padded with zero bytes (not PKCS #7); `length` counts the bytes before the padding. Source: the vendor's run log of
 * 2019-09-17 and all its SDKs. Unlike the SDKs, this checks everything, since a wrong credential loses the board.
 *
 * `encryptionType` is the product's authentication, chosen in the console: 2 by key, 1 by certificate. A response has
 * certificate and key, or neither: then the product uses certificates of a private CA, and the board has its own.
 *
 * @param clientCertificate the board's own certificate, if configured
 * @param now for a certificate's expiry, if the time is known
 * @throws Failure `bad-answer`; `bad-configuration` for a board that needs its own certificate
 */
export const decryptPayload = (
	crypto: Crypto,
	productSecret: Secret,
	payload: string,
	length: number,
	clientCertificate: CertificateCredential | undefined,
	now?: Milliseconds,
): Credential => {
	const plain = decrypt(crypto, productSecret, payload);
	if (length % 1 !== 0 || length <= plain.length - 16 || length > plain.length)
		throw badResponse("length", { value: `${length}`, bytes: plain.length });
	for (let i = length; i < plain.length; i++) if (plain[i] !== 0) throw badResponse("not-decrypted");
	let decrypted: unknown;
	try {
		decrypted = parseJson(crypto.text(plain.subarray(0, length)));
	} catch {
		throw badResponse("not-decrypted");
	}
	const content = field({ payload: decrypted }, "payload", "object");
	const encryptionType = field(content, "encryptionType", "number");
	if (encryptionType === 2) return { kind: "key", secret: parseKey(crypto, field(content, "psk", "string")) };
	if (encryptionType !== 1) throw badResponse("encryption-type", { value: `${encryptionType}` });
	if (content.clientCert !== undefined || content.clientKey !== undefined)
		return parseCertificate(crypto, field(content, "clientCert", "string"), field(content, "clientKey", "string"), now);
	if (clientCertificate !== undefined) return clientCertificate;
	// The product uses certificates of a private CA, so the device needs its own.
	throw configurationError("clientCertificate", "missing", "register");
};

const decrypt = (crypto: Crypto, productSecret: Secret, payload: string): Uint8Array => {
	let data: Uint8Array;
	try {
		data = crypto.fromBase64(payload);
	} catch {
		throw badResponse("not-base64");
	}
	if (data.length === 0 || data.length % 16 !== 0) throw badResponse("block-size", { bytes: data.length });
	return crypto.decrypt(productSecret.reveal().slice(0, 16), "0".repeat(16), data);
};

/** 16 bytes in every known response; up to 48 by the C SDK's buffer. Stored as text: the broker refuses a psk without its "==". */
const parseKey = (crypto: Crypto, psk: string): Secret => {
	let bytes = 0;
	try {
		bytes = crypto.fromBase64(psk).length;
	} catch {}
	if (bytes < 16 || bytes > 48) throw badResponse("invalid", { key: "psk" });
	return new Secret(psk);
};

const parseCertificate = (crypto: Crypto, certificate: string, key: string, now?: Milliseconds): Credential => {
	try {
		return certificateFromPem(crypto, certificate, key, now);
	} catch (error) {
		const { reason } = error as Failure;
		throw badResponse(reason === "invalid" ? "no-certificate" : (reason as string));
	}
};
