/**
 * A request for provisioning, over HTTP or MQTT. Source: DeviceProvisionServiceImpl.java, JsonConverter.java of ThingsBoard
 * 4.4.
 */

import type { Device, Product } from "../../products/product.js";
import { parseJson } from "../../server/parse-json.js";
import type { PlatformContext, RegistrationOutcome, RequestNames } from "../platform.js";
import { RegistrationRefusal } from "../registration-refusal.js";
import { rules, wellFormed } from "./rules.js";

type Json = Readonly<Record<string, unknown>>;

export interface ProvisionResponse {
	readonly body: string;
	readonly outcome: RegistrationOutcome;
	/** The request is malformed. */
	readonly isMalformed?: true;
}

export function namesIn(payload: Buffer): RequestNames {
	const request = parse(payload) ?? {};
	return wellFormed(request.provisionDeviceKey, request.deviceName);
}

export function provision(payload: Buffer, { products }: PlatformContext): ProvisionResponse {
	const names = namesIn(payload);
	try {
		const request = read(payload);
		const product = authorize(request, products.find("thingsboard", request.provisionDeviceKey));
		const name = request.deviceName || rules.newDeviceSecret();
		const existing = product.devices.get(name);
		refuseIfTaken(product, name, existing);
		// Of a device that was created beforehand, the server sends what it has. It ignores what the device proposes.
		const own = product.registration === "automatic" ? request.proposed : undefined;
		const { device, secret } = products.register(
			product,
			name,
			() => own?.secret ?? existing?.secret ?? rules.newDeviceSecret(),
		);
		if (own) device.details = own.details;
		const { clientId, userName } = device.details ?? {};
		const isBasic = clientId !== undefined;
		const credentialsValue = isBasic ? { clientId, userName, password: secret } : secret;
		return {
			body: JSON.stringify({
				credentialsValue,
				credentialsType: isBasic ? "MQTT_BASIC" : "ACCESS_TOKEN",
				status: "SUCCESS",
			}),
			outcome: {
				...names,
				device: name,
				verdict: "accepted",
				reason: `${own ? "Took the device's own" : "Issued an"} ${isBasic ? "user name and password" : "access token"}.`,
			},
		};
	} catch (error) {
		if (!(error instanceof RegistrationRefusal)) throw error;
		const { kind, message } = error;
		const isUnknown = kind === "unknown-product" || kind === "bad-signature" || kind === "registration-off";
		const status = isUnknown ? "NOT_FOUND" : "FAILURE";
		const errorMsg = isUnknown ? "Provision data was not found!" : "Failed to provision device!";
		return {
			body: JSON.stringify({ errorMsg, status }),
			outcome: { ...names, verdict: "refused", reason: message, code: status },
			...(kind === "bad-request" && { isMalformed: true as const }),
		};
	}
}

interface ProvisionRequest {
	readonly provisionDeviceKey: string;
	readonly provisionDeviceSecret: string;
	/** Empty: the server makes one. */
	readonly deviceName: string;
	readonly proposed: Proposed | undefined;
}

/** Credentials that the device brings. */
interface Proposed {
	readonly secret: string;
	/** For MQTT basic. */
	readonly details: Readonly<Record<string, string>>;
}

/** @throws RegistrationRefusal `bad-request`, `bad-device-name` */
function read(payload: Buffer): ProvisionRequest {
	const request = parse(payload);
	if (request === undefined) throw new RegistrationRefusal("bad-request", "The body is not a JSON object.");
	const deviceName = optional(request, "deviceName");
	if (deviceName !== "" && !rules.deviceName.pattern.test(deviceName))
		throw new RegistrationRefusal("bad-device-name", rules.deviceName.violation);
	return {
		provisionDeviceKey: required(request, "provisionDeviceKey"),
		provisionDeviceSecret: required(request, "provisionDeviceSecret"),
		deviceName,
		proposed: proposedIn(request),
	};
}

/** @throws RegistrationRefusal `bad-request` */
function proposedIn(request: Json): Proposed | undefined {
	const type = optional(request, "credentialsType");
	const token = optional(request, "token");
	const clientId = optional(request, "clientId");
	const userName = optional(request, "username");
	const password = optional(request, "password");
	if (type === "X509_CERTIFICATE" || optional(request, "hash") !== "")
		throw new RegistrationRefusal(
			"bad-request",
			"The local cloud takes no certificate (credentialsType X509_CERTIFICATE).",
		);
	if (type === "MQTT_BASIC" && clientId + userName !== "") return { secret: password, details: { clientId, userName } };
	return token === "" ? undefined : { secret: token, details: {} };
}

function required(request: Json, key: string): string {
	const value = optional(request, key);
	if (value !== "") return value;
	throw new RegistrationRefusal(
		"bad-request",
		`"${key}" is missing. Expected provisionDeviceKey and provisionDeviceSecret.`,
	);
}

function optional(request: Json, key: string): string {
	const value = request[key] ?? "";
	if (typeof value === "string" && value.length <= 255) return value;
	throw new RegistrationRefusal("bad-request", `"${key}" is invalid. Expected a text of at most 255 characters.`);
}

/** @throws RegistrationRefusal `unknown-product`, `bad-signature`, `registration-off` */
function authorize(
	{ provisionDeviceKey, provisionDeviceSecret }: ProvisionRequest,
	product: Product | undefined,
): Product {
	if (!product)
		throw new RegistrationRefusal(
			"unknown-product",
			`No device profile has the provisionDeviceKey ${wellFormed(provisionDeviceKey, undefined).product ?? "in this request"}. Create the product, or correct the board's provisionKey.`,
		);
	if (product.registration === "off")
		throw new RegistrationRefusal(
			"registration-off",
			`Provisioning of product ${product.id} is off. Set "registration" to another mode.`,
		);
	if (product.secret !== provisionDeviceSecret)
		throw new RegistrationRefusal(
			"bad-signature",
			"provisionDeviceSecret is wrong. Compare the board's productSecret with the product's.",
		);
	return product;
}

/**
 * With "allow creating new devices", the first request takes the name, online or not. With "check pre-provisioned devices",
 * it sets the device's attribute `provisionState`.
 *
 * @throws RegistrationRefusal `already-active`
 */
function refuseIfTaken({ registration }: Product, name: string, device: Device | undefined): void {
	if (registration === "automatic" && device)
		throw new RegistrationRefusal(
			"already-active",
			`The device ${name} exists. A board may only create a new one. Delete the device.`,
		);
	if (device?.hasRegistered)
		throw new RegistrationRefusal(
			"already-active",
			`The device ${name} has been provisioned. Reset the device to allow it again.`,
		);
}

function parse(payload: Buffer): Json | undefined {
	try {
		const value = parseJson(payload.toString("utf8"));
		return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
	} catch {
		return undefined;
	}
}
