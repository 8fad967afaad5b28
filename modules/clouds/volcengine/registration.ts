import { requireProductSecret } from "../../configuration/readers.js";
import type { HttpExchange, Inputs } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Crypto, HttpResponse } from "../../contracts/host.js";
import { Failure } from "../../core/errors.js";
import type { Secret } from "../../core/secret.js";
import { field, type JsonObject, parseObject, parseResponse, vendorMessage } from "../responses.js";
import { decryptPayload } from "./payload.js";
import type { Product } from "./product.js";
import { sign } from "./sign.js";

/**
 * `POST /2021-12-14/DynamicRegister`: a flat JSON body that contains its signature. Only `InstanceID` is capitalised.
 *
 * Source: the vendor's C SDK (onesdk 3e447d3, `dynreg.c`) and Go SDK (vei-iot-sdk-go fdcd839, `device.go`).
 */
export const registration = (crypto: Crypto, product: Product, inputs: Inputs): HttpExchange => {
	const { productKey, deviceName, instanceId, authType, register } = product;
	const secret = requireProductSecret(product.productSecret);
	const { random, timestamp, signature } = sign(crypto, product, secret, inputs);
	return {
		request: {
			endpoint: register,
			method: "POST",
			path: "/2021-12-14/DynamicRegister?Action=DynamicRegister&Version=2021-12-14",
			headers: [["Content-Type", "application/json"]],
			body: JSON.stringify({
				InstanceID: instanceId,
				product_key: productKey,
				device_name: deviceName,
				random_num: random,
				timestamp,
				auth_type: authType,
				signature,
			}),
			// The published response has 181.
			maxResponseBytes: 2048,
		},
		accept: (response) => acceptResponse(response, crypto, secret),
	};
};

const acceptResponse = (response: HttpResponse, crypto: Crypto, secret: Secret): Credential => {
	// The status of a refusal is not established: the Go SDK reads any body below 500.
	const { status, body } = response;
	const isRefusal = status > 399 && status < 500 && status !== 429 && hasError(body, crypto);
	const content = parseResponse(isRefusal ? { status: 200, body } : response, crypto);
	const error = errorIn(content);
	if (error) throw refused(error, secret);
	const result = field(content, "Result", "object");
	return {
		kind: "key",
		secret: decryptPayload(crypto, secret, field(result, "payload", "string"), field(result, "len", "number")),
	};
};

const hasError = (body: Uint8Array, crypto: Crypto): boolean => {
	try {
		return errorIn(parseObject(body, crypto)) !== undefined;
	} catch {
		return false;
	}
};

/** @throws Failure `bad-answer` for an error, or the place of one, that is no object */
const errorIn = ({ ResponseMetadata }: JsonObject): JsonObject | undefined => {
	if (ResponseMetadata === undefined) return undefined;
	const metadata = field({ ResponseMetadata }, "ResponseMetadata", "object");
	return metadata.Error === undefined ? undefined : field(metadata, "Error", "object");
};

/**
 * The failure for a refused registration, from the platform's number and words, which may echo the secret.
 *
 * The vendor publishes no list. 10000010 (internal error) is in its Go SDK's `errorcode.go`; so is 27000010 (wrong
 * signature) for another request of the same API: that registrations are refused with it is not established.
 */
const refused = ({ CodeN, Code, Message }: JsonObject, secret: Secret): Failure => {
	const number = typeof CodeN === "number" ? CodeN : vendorMessage(Code, secret);
	const said = vendorMessage(Message, secret) ?? vendorMessage(Code, secret);
	return new Failure(
		"register",
		number === 27000010 ? "bad-product-secret" : "registration-refused",
		number === 10000010 ? "wait" : "needs-attention",
		{
			cloud: "volcengine",
			...(number === undefined ? {} : { vendorCode: number }),
			...(said === undefined ? {} : { said }),
		},
	);
};
