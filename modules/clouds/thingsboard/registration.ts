import { isPrintable, requireProductSecret } from "../../configuration/readers.js";
import type { HttpExchange } from "../../contracts/cloud.js";
import type { Credential } from "../../contracts/credential.js";
import type { Crypto, HttpResponse } from "../../contracts/host.js";
import { Failure } from "../../core/errors.js";
import { Secret } from "../../core/secret.js";
import { badResponse, field, type JsonObject, parseResponse, vendorMessage } from "../responses.js";
import type { Product } from "./product.js";

/** Basic credentials have up to three texts of 255 characters. */
const maxResponseBytes = 2048;

/**
 * What the device registers with: an access token, or client id, user name and password.
 *
 * The server takes a name only once, online or not, so a device whose response was lost could never register again. What a
 * device proposes it has already stored. The server's access tokens have up to 32 characters (its user interface).
 */
export const proposal = (crypto: Crypto, { credentials, deviceName }: Product, random: Uint8Array): Credential => {
	const secret = new Secret(crypto.hex(random));
	return credentials === "token"
		? { kind: "key", secret }
		: { kind: "login", clientId: deviceName, username: deviceName, secret };
};

/**
 * `POST /api/v1/provision`.
 *
 * Source: DeviceApiController.java, JsonConverter.java and DeviceProvisionServiceImpl.java of ThingsBoard 4.4. The
 * documentation's sample of a response, with `provisionDeviceStatus` and `accessToken`, is not what the server sends.
 */
export const registration = (crypto: Crypto, product: Product, proposed: Credential | undefined): HttpExchange => {
	const { provisionKey, productSecret, deviceName, register } = product;
	const secret = requireProductSecret(productSecret);
	return {
		request: {
			endpoint: register,
			method: "POST",
			path: "/api/v1/provision",
			headers: [["Content-Type", "application/json"]],
			body: JSON.stringify({
				deviceName,
				provisionDeviceKey: provisionKey,
				provisionDeviceSecret: secret.reveal(),
				...proposedFields(proposed),
			}),
			maxResponseBytes,
		},
		accept: (response) => acceptResponse(response, crypto, secret),
	};
};

const proposedFields = (proposed: Credential | undefined): object => {
	const secret = proposed?.secret.reveal();
	if (proposed?.kind === "key") return { credentialsType: "ACCESS_TOKEN", token: secret };
	if (proposed?.kind !== "login") return {};
	const { clientId, username } = proposed;
	return { credentialsType: "MQTT_BASIC", clientId, username, password: secret };
};

/**
 * The server responds with HTTP 200 to everything that it has decided. Of a device that was created beforehand it sends the
 * credentials that it already had, not the proposed ones.
 */
const acceptResponse = (response: HttpResponse, crypto: Crypto, secret: Secret): Credential => {
	const content = parseResponse(response, crypto);
	const status = field(content, "status", "string");
	if (status !== "SUCCESS") throw refused(status, vendorMessage(content.errorMsg, secret));
	const type = field(content, "credentialsType", "string");
	if (type === "ACCESS_TOKEN") {
		const token = field(content, "credentialsValue", "string");
		if (!token || token.length > 255 || !isPrintable(token)) throw badResponse("invalid", { key: "credentialsValue" });
		return { kind: "key", secret: new Secret(token) };
	}
	if (type !== "MQTT_BASIC") throw badResponse("invalid", { key: "credentialsType" });
	const login = field(content, "credentialsValue", "object");
	const clientId = optional(login, "clientId");
	// The request has `username`, the response `userName`.
	const username = optional(login, "userName");
	const password = optional(login, "password");
	if (!clientId && !username) throw badResponse("invalid", { key: "credentialsValue" });
	// The user name would be the secret, and logs show that.
	if (!password) throw badResponse("invalid", { key: "password" });
	return { kind: "login", clientId, username, secret: new Secret(password) };
};

/**
 * A part of a device's basic credentials, which is optional at the server. It takes any text of 255 characters; here none but
 * printable ASCII, as for access tokens: what other texts are in flash, in CONNECT and at the server is not the same.
 */
const optional = (object: JsonObject, key: string): string => {
	if (object[key] == null) return "";
	const value = field(object, key, "string");
	if (value.length > 255 || !isPrintable(value)) throw badResponse("invalid", { key });
	return value;
};

/**
 * `NOT_FOUND`: key or secret is wrong, or provisioning is off. `FAILURE`: the name is taken, not created beforehand, or the
 * device has been provisioned already.
 */
const refused = (status: string, said: string | undefined): Failure =>
	new Failure(
		"register",
		status === "NOT_FOUND" ? "bad-product-secret" : status === "FAILURE" ? "already-activated" : "registration-refused",
		"needs-attention",
		{ cloud: "thingsboard", vendorCode: status.slice(0, 40), ...(said && { said }) },
	);
