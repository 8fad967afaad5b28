import { configurationError, requireProductSecret } from "../../configuration/readers.js";
import type { HttpExchange, Inputs } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Action, Code } from "../../contracts/error.js";
import type { Crypto, HttpRequest, HttpResponse } from "../../contracts/host.js";
import { uint32 } from "../../core/bytes.js";
import { Failure } from "../../core/errors.js";
import type { Secret } from "../../core/secret.js";
import { fieldsOf } from "../../x509/certificate.js";
import { badResponse, field, parseResponse, vendorMessage } from "../responses.js";
import { decryptPayload } from "./payload.js";
import { hashes, type Product } from "./product.js";

export const registration = (crypto: Crypto, product: Product, inputs: Inputs): HttpExchange => {
	return (product.protocol === "v1" ? v1 : v2)(crypto, product, requireProductSecret(product.productSecret), inputs);
};

/**
 * `POST /register/dev`: a flat JSON body that contains its signature.
 *
 * Source: C SDK 3.2.3 `dynreg.c`, and the vendor's run log of 2019-09-17.
 */
const v1 = (crypto: Crypto, product: Product, secret: Secret, inputs: Inputs): HttpExchange => {
	const { productId, deviceName } = product;
	const nonce = nonceOf(inputs);
	const timestamp = timestampOf(inputs);
	const text = `deviceName=${deviceName}&nonce=${nonce}&productId=${productId}&timestamp=${timestamp}`;
	// base64 of the lower-case hex, not of the digest: the platform refuses the latter with 1010.
	const signature = crypto.base64(crypto.utf8(crypto.hex(crypto.hmac("SHA1", secret.reveal(), text))));
	return {
		request: post(product, "/register/dev", [], { deviceName, nonce, productId, timestamp, signature }),
		accept: (response) => acceptV1(response, crypto, secret, product, inputs),
	};
};

const acceptV1 = (
	response: HttpResponse,
	crypto: Crypto,
	secret: Secret,
	{ clientCertificate }: Product,
	{ now }: Inputs,
): Credential => {
	const content = parseResponse(response, crypto);
	const code = field(content, "code", "number");
	if (code !== 0) throw refused(code, content.message, secret);
	return decryptPayload(
		crypto,
		secret,
		field(content, "payload", "string"),
		field(content, "len", "number"),
		clientCertificate,
		now,
	);
};

/**
 * `POST /device/register`: signature in `X-TC-…` headers.
 *
 * Source: C SDK 3.3.0 `qcloud_iot_http.c`, the Python and Java SDKs.
 */
const v2 = (crypto: Crypto, product: Product, secret: Secret, inputs: Inputs): HttpExchange => {
	const { productId, deviceName, signMethod, register } = product;
	const path = "/device/register";
	const hash = hashes[signMethod];
	const nonce = nonceOf(inputs);
	const timestamp = timestampOf(inputs);
	const body = { ProductId: productId, DeviceName: deviceName, ...clientCertificateFields(product, inputs) };
	const text = [
		"POST",
		register.host,
		path,
		"", // the query string
		signMethod,
		timestamp,
		nonce,
		crypto.hex(crypto.digest(hash, JSON.stringify(body))),
	].join("\n");
	const headers: HttpRequest["headers"] = [
		["X-TC-Algorithm", signMethod],
		["X-TC-Timestamp", `${timestamp}`],
		["X-TC-Nonce", `${nonce}`],
		["X-TC-Signature", crypto.base64(crypto.hmac(hash, secret.reveal(), text))],
	];
	return {
		request: post(product, path, headers, body),
		accept: (response) => acceptV2(response, crypto, secret, product, inputs),
	};
};

const acceptV2 = (
	response: HttpResponse,
	crypto: Crypto,
	secret: Secret,
	{ clientCertificate }: Product,
	{ now }: Inputs,
): Credential => {
	const content = field(parseResponse(response, crypto), "Response", "object");
	if (content.Error !== undefined) {
		const { Code, Message } = field(content, "Error", "object");
		throw refused(Code, Message, secret);
	}
	if (content.Payload === undefined) throw badResponse("no-payload");
	return decryptPayload(
		crypto,
		secret,
		field(content, "Payload", "string"),
		field(content, "Len", "number"),
		clientCertificate,
		now,
	);
};

/**
 * Both spellings, since the vendor's documentation and its C SDK disagree.
 *
 * @throws Failure `bad-configuration` if the certificate has expired
 */
const clientCertificateFields = ({ clientCertificate, clientCertificatePem }: Product, { now }: Inputs) => {
	if (!clientCertificate) return {};
	// The configuration was read before the time was known.
	if ((now ?? 0) >= fieldsOf(clientCertificate.certificates[0] as Uint8Array).to)
		throw configurationError("clientCertificate", "expired", "register");
	return { EncryptionType: 1, ClientCert: clientCertificatePem, clientCert: clientCertificatePem };
};

const post = (product: Product, path: string, headers: HttpRequest["headers"], body: object): HttpRequest => {
	return {
		endpoint: product.register,
		method: "POST",
		path,
		headers: [["Content-Type", "application/json; charset=utf-8"], ...headers],
		body: JSON.stringify(body),
		// Certificate and key in base64 take some 5 KB (the C SDK's buffer).
		maxResponseBytes: 8192,
	};
};

/** From 1 to 2^31 - 1: the platform reads a signed 32-bit number. */
const nonceOf = ({ random }: Inputs): number => {
	return uint32(random, 0) & 0x7fff_ffff || 1;
};

/**
 * Seconds since 1970, or 0 while the time is unknown. The platform refuses a wrong time (`X-Tc-Timestamp error`) but
 * accepts 0 from a device without a clock (vendor FAQ and signing tool).
 */
const timestampOf = ({ now }: Inputs): number => {
	return now === undefined ? 0 : Math.floor(now / 1000);
};

/**
 * The failure for a refused registration, from the platform's code and message, which may echo the secret.
 *
 * The vendor publishes no complete list of codes. Source: logs of the real platform (1010, 1021, the timestamp), and the
 * vendor's cloud API (bad signature, internal errors, too many requests).
 *
 * @param code a number in v1, a name in v2
 */
const refused = (code: unknown, message: unknown, secret: Secret): Failure => {
	const words = vendorMessage(message, secret);
	const name = vendorMessage(code, secret);
	const meaning = meaningOf(`${name}`, `${words}`);
	return new Failure("register", meaning[0], meaning[1], {
		cloud: "tencent",
		...(typeof code === "number" ? { vendorCode: code } : name === undefined ? {} : { vendorCode: name }),
		...(words === undefined ? {} : { said: words }),
	});
};

const meaningOf = (name: string, words: string): readonly [Code, Action] => {
	if (name === "1010" || name.indexOf("AuthFailure.SignatureFailure") === 0 || words.includes("Check signature failed"))
		return ["bad-product-secret", "needs-attention"];
	if (name === "1021" || words.includes("has been activated")) return ["already-activated", "needs-attention"];
	if (words.includes("X-Tc-Timestamp error")) return ["bad-timestamp", "retry"];
	const busy = name.indexOf("InternalError") === 0 || name.indexOf("RequestLimitExceeded") === 0;
	return ["registration-refused", busy ? "wait" : "needs-attention"];
};
