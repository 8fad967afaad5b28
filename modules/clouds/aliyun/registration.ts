import { configurationError, isPrintable, requireProductSecret } from "../../configuration/readers.js";
import type { Exchange, HttpExchange, Inputs, MqttExchange } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Action, Code } from "../../contracts/error.js";
import type { Crypto, HttpResponse } from "../../contracts/host.js";
import { uint32 } from "../../core/bytes.js";
import { Failure } from "../../core/errors.js";
import { Secret } from "../../core/secret.js";
import { badResponse, field, type JsonObject, parseObject, parseResponse, vendorMessage } from "../responses.js";
import type { Product } from "./product.js";
import { sign } from "./sign.js";

/** Successful responses are below 192 bytes (LinkSDK's buffer); error texts may be longer. */
const maxResponseBytes = 2048;
/** Seconds. The platform ignores it during registration. */
const keepAlive = 60;

/**
 * One registration over MQTT or HTTPS.
 *
 * Source: vendor documentation, "MQTT-based" and "HTTPS-based dynamic registration"; LinkSDK for C 4.2.0.
 */
export const registration = (crypto: Crypto, product: Product, inputs: Inputs): Exchange => {
	const { productKey, deviceName, signMethod } = product;
	const random = randomOf(inputs);
	const signature = sign(crypto, signMethod, requireProductSecret(product.productSecret), {
		deviceName,
		productKey,
		random,
	});
	return (product.registrationTransport === "mqtt" ? overMqtt : overHttps)(crypto, product, random, signature);
};

/** The CONNECT is the request. The broker publishes the response at once, without a subscription. */
const overMqtt = (crypto: Crypto, product: Product, random: string, signature: string): MqttExchange => {
	const { productKey, deviceName, instanceId, authType, signMethod, register } = product;
	// The platform requires TLS for registration over MQTT.
	if (!register.secure) throw configurationError("endpoints.register", "conflict", "register");
	const parameters = [
		// LinkSDK uses 2 for both; the documentation has -2 for registration-free products.
		`securemode=${authType === "register" ? 2 : -2}`,
		`authType=${authType}`,
		`random=${random}`,
		`signmethod=${signMethod}`,
		...(instanceId === undefined ? [] : [`instanceId=${instanceId}`]),
	];
	return {
		connect: {
			endpoint: register,
			clientId: `${productKey}.${deviceName}|${parameters.join()}|`,
			username: `${deviceName}&${productKey}`,
			password: new Secret(signature),
			keepAlive,
		},
		connackError: refused,
		accept(topic, payload) {
			// The documentation has /ext/register for both types, the vendor's SDKs /ext/regnwl for `regnwl`.
			if (topic !== "/ext/register" && topic !== "/ext/regnwl") return undefined;
			return credential(product, parseObject(payload, crypto));
		},
	};
};

/** `POST /auth/register/device`, for pre-registered device names. */
const overHttps = (crypto: Crypto, product: Product, random: string, signature: string): HttpExchange => {
	const { productKey, deviceName, signMethod, register } = product;
	return {
		request: {
			endpoint: register,
			method: "POST",
			path: "/auth/register/device",
			headers: [
				["Content-Type", "application/x-www-form-urlencoded"],
				["Accept", "application/json"],
			],
			body: `productKey=${productKey}&deviceName=${deviceName.split("@").join("%40").split(":").join("%3A")}&random=${random}&sign=${signature}&signMethod=${signMethod}`,
			maxResponseBytes,
		},
		accept: (response) => acceptResponse(response, crypto, product),
	};
};

const acceptResponse = (response: HttpResponse, crypto: Crypto, product: Product): Credential => {
	const content = parseResponse(response, crypto);
	const code = field(content, "code", "number");
	if (code !== 200)
		throw refused(code, vendorMessage(content.message, requireProductSecret(product.productSecret)) ?? "");
	return credential(product, field(content, "data", "object"));
};

/** @throws Failure `bad-answer` if the response is incomplete or for another device */
const credential = ({ productKey, deviceName, authType }: Product, object: JsonObject): Credential => {
	if (field(object, "productKey", "string") !== productKey || field(object, "deviceName", "string") !== deviceName)
		throw badResponse("other-device");
	if (authType === "register") return { kind: "key", secret: new Secret(printable(object, "deviceSecret", 64)) };
	return {
		kind: "token",
		clientId: printable(object, "clientId", 64),
		secret: new Secret(printable(object, "deviceToken", 512)),
	};
};

/** @param max characters: 64 for a device secret and a client id (iotkit, vendor documentation), ample for a token */
const printable = (object: JsonObject, name: string, max: number): string => {
	const value = field(object, name, "string");
	if (value.length > max || !value || !isPrintable(value)) throw badResponse("invalid", { key: name });
	return value;
};

/** A 32-bit number in decimal, as in the vendor's SDKs. */
const randomOf = ({ random }: Inputs): string => {
	return String(uint32(random, 0));
};

/**
 * The failure for a refused registration.
 *
 * Source of the codes: 6289 from a log of the real platform, the others from the vendor's documentation. Unknown codes
 * are reported with the platform's own words.
 *
 * @param number return code of the CONNACK, or `code` of the HTTPS response
 * @param said the platform's own words in an HTTPS response
 */
const refused = (number: number, said?: string): Failure =>
	new Failure("register", codeOf(number), actionOf(number), {
		cloud: "aliyun",
		...(said === undefined ? { connackCode: number } : { vendorCode: number, said }),
	});

/** Over HTTPS, an overloaded or failing platform responds with HTTP's own status as `code`. */
const actionOf = (number: number): Action => {
	if (number === 429 || (number > 499 && number < 600)) return "wait";
	return number === 3 ? "retry" : "needs-attention";
};

const codeOf = (number: number): Code => {
	switch (number) {
		case 1:
			return "mqtt-refused";
		case 3:
			return "broker-unavailable";
		case 4:
		case 401:
			return "bad-product-secret";
		case 6289:
			return "already-activated";
		default:
			return "registration-refused";
	}
};
