import { configurationError, isPrintable, server } from "../../configuration/readers.js";
import type { Exchange, HttpExchange, Inputs, MqttExchange, MqttStep } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Code } from "../../contracts/error.js";
import type { Crypto, HttpResponse } from "../../contracts/host.js";
import { Failure } from "../../core/errors.js";
import type { Secret } from "../../core/secret.js";
import { badResponse, field, type JsonObject, parseObject, parseResponse, vendorMessage } from "../responses.js";
import type { Product } from "./product.js";
import { accessToken, percentEncoded } from "./token.js";

const version = "api-version=2019-03-31";
/** Requests for the state of an assignment, before the device begins again. */
const maxQueries = 20;

/** What all requests of one registration have in common. */
interface Attempt {
	readonly crypto: Crypto;
	readonly product: Product;
	readonly key: Secret;
	/** What the token is for: `idScope/registrations/registrationId`. */
	readonly resource: string;
	readonly token: Secret;
	/** The body of the first request. */
	readonly body: string;
}

/**
 * A registration over HTTPS or MQTT: a request to register, then requests for its state until a hub is assigned.
 *
 * Source: vendor documentation, "Use symmetric keys with the DPS HTTPS API" and "Communicate with DPS using MQTT"; Node SDK,
 * azure-iot-provisioning-device 1.9.1. Repeated registrations are allowed, and may assign another hub.
 *
 * @throws Failure `bad-configuration` without a key, `clock-unknown` while the time is unknown
 */
export const registration = (crypto: Crypto, product: Product, { now }: Inputs): Exchange => {
	const { idScope, registrationId, deviceKey: key, registrationTransport, tokenLifetime } = product;
	if (!key) throw configurationError("deviceKey", "missing", "register");
	// Not encoded, as the Node SDK sends it.
	const resource = `${idScope}/registrations/${registrationId}`;
	const token = accessToken(crypto, key, resource, "&skn=registration", now, tokenLifetime, "register");
	const body = JSON.stringify({ registrationId });
	const attempt: Attempt = { crypto, product, key, resource, token, body };
	return registrationTransport === "https" ? httpRequest(attempt, 0) : overMqtt(attempt);
};

/** @param operation absent in the first request */
const httpRequest = (attempt: Attempt, count: number, pause?: number, operation?: string): HttpExchange => {
	const { product, resource, token, body } = attempt;
	const path = operation === undefined ? "register" : `operations/${operation}`;
	return {
		...(pause && { pause }),
		request: {
			endpoint: product.register,
			method: operation === undefined ? "PUT" : "GET",
			path: `/${resource}/${path}?${version}`,
			headers: [
				["Authorization", token.reveal()],
				["Content-Type", "application/json; charset=utf-8"],
				["Accept", "application/json"],
			],
			body: operation === undefined ? body : "",
			maxResponseBytes: 4096,
		},
		accept: (response) => {
			const outcome = outcomeOf(attempt, response, count);
			return typeof outcome === "string" ? httpRequest(attempt, count + 1, pauseOf(response), outcome) : outcome;
		},
	};
};

const overMqtt = (attempt: Attempt): MqttExchange => {
	const { product, resource, token, body } = attempt;
	return {
		connect: {
			endpoint: product.register,
			clientId: product.registrationId,
			username: `${resource}/${version}`,
			password: token,
			keepAlive: 60,
		},
		connackError,
		subscribe: ["$dps/registrations/res/#"],
		...mqttStep(attempt, 0, "PUT/iotdps-register/?$rid=", "", body),
	};
};

const mqttStep = (attempt: Attempt, count: number, path: string, parameters: string, payload: string): MqttStep => ({
	publish: { topic: `$dps/registrations/${path}${count}${parameters}`, payload },
	accept(topic, bytes) {
		const response = responseOn(topic, bytes, `$rid=${count}`);
		if (!response) return undefined;
		const outcome = outcomeOf(attempt, response, count);
		if (typeof outcome !== "string") return outcome;
		const query = "GET/iotdps-get-operationstatus/?$rid=";
		return {
			pause: pauseOf(response),
			...mqttStep(attempt, count + 1, query, `&operationId=${outcome}`, " "),
		};
	},
});

/**
 * A response over MQTT in the form of one over HTTP; undefined if it is to another request.
 *
 * Its topic is `$dps/registrations/res/{status}/?$rid={request}&retry-after={seconds}`.
 */
const responseOn = (topic: string, body: Uint8Array, request: string): HttpResponse | undefined => {
	const levels = topic.split("/");
	if (levels.length !== 5 || topic.indexOf("$dps/registrations/res/") !== 0) return undefined;
	const parameters = (levels[4] as string).slice(1).split("&");
	let isOurs = false;
	let response: HttpResponse = { status: Number(levels[3]), body };
	for (let i = 0; i < parameters.length; i++) {
		const parameter = parameters[i] as string;
		if (parameter === request) isOurs = true;
		if (parameter.indexOf("retry-after=") === 0) response = { ...response, retryAfter: parameter.slice(12) };
	}
	return isOurs && response.status > 0 ? response : undefined;
};

/** The time that the service asks for, up to half a minute; two seconds, as in the Node SDK, where it asks for none. */
const pauseOf = ({ retryAfter }: HttpResponse): number => {
	const seconds = Number(retryAfter);
	return seconds > 0 ? Math.min(seconds, 30) * 1000 : 2000;
};

/**
 * The credential, or the id of the operation whose state is to be queried.
 *
 * @param count queries so far
 * @throws Failure
 */
const outcomeOf = (attempt: Attempt, response: HttpResponse, count: number): Credential | string => {
	const { crypto, product, key } = attempt;
	const { status } = response;
	if (status !== 200 && status !== 202) throw errorOf(attempt, response);
	const content = parseObject(response.body, crypto);
	const state = field(content, "status", "string");
	switch (state) {
		case "assigning":
			if (count === maxQueries) throw refused(state, undefined, key);
			return operationOf(content);
		case "assigned":
			return credentialOf(product, key, field(content, "registrationState", "object"));
		case "failed": {
			const { errorCode, errorMessage } = field(content, "registrationState", "object");
			throw refused(typeof errorCode === "number" ? errorCode : state, errorMessage, key);
		}
		case "disabled":
		case "unassigned":
			throw refused(state, undefined, key);
		default:
			throw badResponse("invalid", { key: "status" });
	}
};

/** It becomes part of a path and of a topic. The known ones have letters, digits, dots and dashes. */
const operationOf = (content: JsonObject): string => {
	const operation = field(content, "operationId", "string");
	if (operation.length > 256 || !operation || !isPrintable(operation))
		throw badResponse("invalid", { key: "operationId" });
	return percentEncoded(operation);
};

/**
 * Limits of a device id: up to 128 characters; which ones a hub allows is not established. Refused are those that would change a
 * path, a user name or a topic filter.
 *
 * @throws Failure `bad-answer` if the response is incomplete or for another device
 */
const credentialOf = ({ registrationId }: Product, key: Secret, state: JsonObject): Credential => {
	if (field(state, "registrationId", "string").toLowerCase() !== registrationId) throw badResponse("other-device");
	const hub = field(state, "assignedHub", "string");
	if (hub.length > 253 || server(hub, 1)?.host !== hub) throw badResponse("invalid", { key: "assignedHub" });
	const deviceId = field(state, "deviceId", "string");
	let isValid = deviceId.length > 0 && deviceId.length < 129 && isPrintable(deviceId);
	for (let i = 0; i < deviceId.length; i++) if ('"#&+/;<>[\\]^`{|}~'.includes(deviceId[i] as string)) isValid = false;
	if (!isValid) throw badResponse("invalid", { key: "deviceId" });
	return { kind: "key", secret: key, assigned: `${hub}/${deviceId}` };
};

/** The failure for a response with another status: the service's own code, or that of HTTP. */
const errorOf = ({ crypto, key }: Attempt, response: HttpResponse): Failure => {
	// An overloaded service, which may ask to wait, and servers in its place.
	if (response.status < 400 || response.status > 428) parseResponse(response, crypto);
	let content: JsonObject = {};
	try {
		content = parseObject(response.body, crypto);
	} catch {
		parseResponse(response, crypto);
	}
	const { errorCode, message } = content;
	return refused(typeof errorCode === "number" ? errorCode : response.status, message, key);
};

/**
 * The failure for a refused registration.
 *
 * The vendor publishes no complete list of codes. Known from its users' logs are 401002 ("Unauthorized", also "Invalid
 * certificate."), 404201 and 404202, whose first three digits are HTTP's status.
 *
 * @param code the service's number, or the state of the assignment
 */
const refused = (code: number | string, message: unknown, key: Secret): Failure => {
	const words = vendorMessage(message, key);
	const number = Number(code);
	const isUnauthorized = number === 401 || (number >= 401_000 && number < 402_000);
	return new Failure(
		"register",
		isUnauthorized ? "bad-product-secret" : "registration-refused",
		code === "assigning" || number >= 429_000 ? "wait" : "needs-attention",
		{ cloud: "azure", vendorCode: code, ...(words === undefined ? {} : { said: words }) },
	);
};

/** The service's own return codes are not established: those of MQTT 3.1.1. */
const connackError = (connackCode: number): Failure => {
	const code: Code =
		connackCode === 1 ? "mqtt-refused" : connackCode === 3 ? "broker-unavailable" : "bad-product-secret";
	return new Failure("register", code, connackCode === 3 ? "retry" : "needs-attention", {
		cloud: "azure",
		connackCode,
	});
};
