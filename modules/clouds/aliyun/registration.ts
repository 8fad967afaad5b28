import { configurationError, isPrintable, requireProductSecret } from "../../configuration/configuration.js";
import type { Exchange, HttpExchange, Moment, MqttExchange } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Code } from "../../contracts/error.js";
import type { Crypto, HttpReply } from "../../contracts/host.js";
import { word } from "../../core/bytes.js";
import { Failure } from "../../core/errors.js";
import { Secret } from "../../core/secret.js";
import { answer, badAnswer, type Fields, fields, json, said } from "../responses.js";
import type { Product } from "./product.js";
import { sign } from "./sign.js";

/** Right answers stay under 192 bytes (LinkSDK's buffer); texts of errors may be longer. */
const maxReplyBytes = 2048;
/** Seconds. The platform does not look at it while registering. */
const keepAlive = 60;

/**
 * One question to the platform and the meaning of its answer.
 * Source: vendor documentation, "MQTT-based" and "HTTPS-based dynamic registration"; LinkSDK for C 4.2.0.
 */
export const registration = (crypto: Crypto, product: Product, moment: Moment): Exchange => {
	const { productKey, deviceName, signMethod } = product;
	const random = randomOf(moment);
	const signature = sign(crypto, signMethod, requireProductSecret(product.productSecret), {
		deviceName,
		productKey,
		random,
	});
	return (product.via === "mqtt" ? overMqtt : overHttps)(crypto, product, random, signature);
};

/** The CONNECT is the request; the answer is pushed at once, without a subscription. */
const overMqtt = (crypto: Crypto, product: Product, random: string, signature: string): MqttExchange => {
	const { productKey, deviceName, instanceId, authType, signMethod, register } = product;
	// The platform takes no registration over MQTT without TLS.
	if (!register.secure) throw configurationError("endpoints.register", "conflict", "register");
	const parameters = [
		// LinkSDK has 2 for both; the documentation has -2 where no name was created beforehand.
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
		refusal: refused,
		accept(topic, payload) {
			// The documentation has /ext/register for both, the vendor's SDKs /ext/regnwl for the second.
			if (topic !== "/ext/register" && topic !== "/ext/regnwl") return undefined;
			return credential(product, json(payload, crypto));
		},
	};
};

/** `POST /auth/register/device`, for device names that were created beforehand. */
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
			maxReplyBytes,
		},
		accept: (reply) => acceptReply(reply, crypto, product),
	};
};

const acceptReply = (reply: HttpReply, crypto: Crypto, product: Product): Credential => {
	const { code, message, data } = answer(reply, crypto);
	if (typeof code !== "number") throw badAnswer("invalid", { key: "code" });
	if (code !== 200) throw refused(code, said(message, requireProductSecret(product.productSecret)) ?? "");
	return credential(product, fields(data));
};

/** @throws Failure `bad-answer` unless it is this device's, and whole */
const credential = ({ productKey, deviceName, authType }: Product, given: Fields): Credential => {
	if (given.productKey !== productKey || given.deviceName !== deviceName) throw badAnswer("other-device");
	if (authType === "register") return { kind: "key", secret: new Secret(printable(given, "deviceSecret", 64)) };
	return {
		kind: "token",
		clientId: printable(given, "clientId", 64),
		secret: new Secret(printable(given, "deviceToken", 512)),
	};
};

/** @param most characters: 64 for a device secret and a client id (iotkit, vendor documentation), ample for a token */
const printable = (given: Fields, name: string, most: number): string => {
	const value = given[name];
	if (typeof value !== "string" || value.length > most || !value || !isPrintable(value))
		throw badAnswer("invalid", { key: name });
	return value;
};

/** A number of 32 bits, as the vendor's SDKs send it. */
const randomOf = ({ random }: Moment): string => {
	return String(word(random, 0));
};

/**
 * What a refused registration means.
 *
 * 6289 is in a log of the real platform; the other numbers are in the vendor's documentation. For what has
 * none there, no number is made up: the platform's own words are shown.
 *
 * @param number return code of the CONNACK, or `code` of the HTTPS response
 * @param said the platform's own words in an HTTPS response
 */
const refused = (number: number, said?: string): Failure =>
	new Failure("register", codeOf(number), number === 3 ? "retry" : "stop", {
		cloud: "aliyun",
		number,
		...(said === undefined ? {} : { said }),
	});

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
