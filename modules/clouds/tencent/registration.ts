import { requireProductSecret } from "../../configuration/configuration.js";
import type { HttpExchange, Moment } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Action, Code } from "../../contracts/error.js";
import type { Crypto, HttpReply, HttpRequest } from "../../contracts/host.js";
import { word } from "../../core/bytes.js";
import { Failure } from "../../core/errors.js";
import type { Secret } from "../../core/secret.js";
import { answer, badAnswer, fields, said } from "../responses.js";
import { openPayload } from "./payload.js";
import { hashes, type Product } from "./product.js";

/** One registration request and the meaning of its answer. */
export const registration = (crypto: Crypto, product: Product, moment: Moment): HttpExchange => {
	return (product.protocol === "v1" ? v1 : v2)(crypto, product, requireProductSecret(product.productSecret), moment);
};

/**
 * `POST /register/dev`: a flat JSON body that carries its own signature.
 * Source: C SDK 3.2.3 `dynreg.c`, and the vendor's run log of 2019-09-17.
 */
const v1 = (crypto: Crypto, product: Product, secret: Secret, moment: Moment): HttpExchange => {
	const { productId, deviceName } = product;
	const nonce = nonceOf(moment);
	const timestamp = timestampOf(moment);
	const text = `deviceName=${deviceName}&nonce=${nonce}&productId=${productId}&timestamp=${timestamp}`;
	// base64 of the lower-case hex, not of the digest itself: the platform answers 1010 to the latter.
	const signature = crypto.base64(crypto.utf8(crypto.hex(crypto.hmac("SHA1", secret.reveal(), text))));
	return {
		request: post(product, "/register/dev", [], { deviceName, nonce, productId, timestamp, signature }),
		accept: (reply) => acceptV1(reply, crypto, secret, product),
	};
};

const acceptV1 = (reply: HttpReply, crypto: Crypto, secret: Secret, { own }: Product): Credential => {
	const { code, message, payload, len } = answer(reply, crypto);
	if (typeof code !== "number") throw badAnswer("invalid", { key: "code" });
	if (code !== 0) throw refused(code, message, secret);
	return openPayload(crypto, secret, payload, len, own);
};

/**
 * `POST /device/register`: signature in `X-TC-…` headers.
 * Source: C SDK 3.3.0 `qcloud_iot_http.c`, the Python and Java SDKs.
 */
const v2 = (crypto: Crypto, product: Product, secret: Secret, moment: Moment): HttpExchange => {
	const { productId, deviceName, signMethod, register } = product;
	const path = "/device/register";
	const hash = hashes[signMethod];
	const nonce = nonceOf(moment);
	const timestamp = timestampOf(moment);
	const body = { ProductId: productId, DeviceName: deviceName, ...ownCertificate(product) };
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
		accept: (reply) => acceptV2(reply, crypto, secret, product),
	};
};

const acceptV2 = (reply: HttpReply, crypto: Crypto, secret: Secret, { own }: Product): Credential => {
	const response = fields(answer(reply, crypto).Response);
	if (response.Error !== undefined) {
		const { Code, Message } = fields(response.Error);
		throw refused(Code, Message, secret);
	}
	if (response.Payload === undefined) throw badAnswer("no-payload");
	return openPayload(crypto, secret, response.Payload, response.Len, own);
};

/** The vendor's documentation and its C SDK disagree on the name, so it goes by both. */
const ownCertificate = ({ ownPem }: Product) => {
	return ownPem === undefined ? {} : { EncryptionType: 1, ClientCert: ownPem, clientCert: ownPem };
};

const post = (product: Product, path: string, headers: HttpRequest["headers"], body: object): HttpRequest => {
	return {
		endpoint: product.register,
		method: "POST",
		path,
		headers: [["Content-Type", "application/json; charset=utf-8"], ...headers],
		body: JSON.stringify(body),
		// Certificate and key in base64 have some 5 KB (C SDK's buffer).
		maxReplyBytes: 8192,
	};
};

/** From 1 to 2^31 - 1: a signed 32-bit number on the other side. */
const nonceOf = ({ random }: Moment): number => {
	return word(random, 0) & 0x7fff_ffff || 1;
};

/**
 * Seconds since 1970, or 0 while the clock is unknown. The platform refuses a wrong time
 * (`X-Tc-Timestamp error`), but takes 0 for "I have no clock" (vendor FAQ and signing tool).
 */
const timestampOf = ({ now }: Moment): number => {
	return now === undefined ? 0 : Math.floor(now / 1000);
};

/**
 * A registration that the platform refused, from its own code and message, which may echo the secret.
 *
 * The vendor publishes no complete list of codes. These are what logs of the real platform show (1010, 1021, the
 * timestamp), and the names that the vendor's cloud API has for a bad signature, its own faults and too many requests.
 *
 * @param code a number in v1, a name in v2
 */
const refused = (code: unknown, message: unknown, secret: Secret): Failure => {
	const words = said(message, secret);
	const name = said(code, secret);
	const meaning = meaningOf(`${name}`, `${words}`);
	return new Failure("register", meaning[0], meaning[1], {
		cloud: "tencent",
		...(typeof code === "number" ? { number: code } : name === undefined ? {} : { value: name }),
		...(words === undefined ? {} : { said: words }),
	});
};

const meaningOf = (name: string, words: string): readonly [Code, Action] => {
	if (name === "1010" || name.indexOf("AuthFailure.SignatureFailure") === 0 || words.includes("Check signature failed"))
		return ["bad-product-secret", "stop"];
	if (name === "1021" || words.includes("has been activated")) return ["already-activated", "stop"];
	if (words.includes("X-Tc-Timestamp error")) return ["bad-timestamp", "retry"];
	const isBusy = name.indexOf("InternalError") === 0 || name.indexOf("RequestLimitExceeded") === 0;
	return ["registration-refused", isBusy ? "wait" : "stop"];
};
