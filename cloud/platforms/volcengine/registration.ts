/** `POST /2021-12-14/DynamicRegister`. Source: the vendor's SDKs for C (onesdk) and Go (vei-iot-sdk-go). */

import type { Product } from "../../products/product.js";
import type {
	PlatformContext,
	RegistrationEndpoint,
	RegistrationRequest,
	RegistrationResponse,
	RequestNames,
} from "../platform.js";
import { RegistrationRefusal } from "../registration-refusal.js";
import { encryptSecret } from "./payload.js";
import * as responses from "./responses.js";
import { rules, wellFormed } from "./rules.js";
import { checkSignature, type SignedFields } from "./signature.js";

export const path = "/2021-12-14/DynamicRegister";

export const endpoint: RegistrationEndpoint = { operation: "register/dynamic", names, respond: register };

/** A request, not verified yet. */
interface ParsedRequest extends SignedFields {
	readonly instanceId: string;
	readonly signature: string;
}

function names({ body }: RegistrationRequest): RequestNames {
	try {
		const { product_key, device_name } = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
		return wellFormed(product_key, device_name);
	} catch {
		return {};
	}
}

function register(request: RegistrationRequest, context: PlatformContext): RegistrationResponse {
	const given = names(request);
	try {
		const parsed = read(request);
		const product = verify(parsed, context);
		const { deviceName } = parsed;
		const { products } = context;
		const device = product.devices.get(deviceName);
		checkAuthType(parsed, product, device !== undefined);
		// The Go SDK registers at every start, so a device that has been online may register again.
		if (device?.state === "active" && product.registration !== "off") products.reset(device);
		const { secret } = products.register(product, deviceName, rules.newDeviceSecret);
		return {
			body: responses.successBody(encryptSecret(secret, product.secret)),
			outcome: {
				...given,
				verdict: "accepted",
				reason: device ? "Issued a device secret." : "Created the device. Issued a device secret.",
			},
		};
	} catch (error) {
		if (!(error instanceof RegistrationRefusal)) throw error;
		const { body, code } = responses.errorResponse(error.kind);
		const expected = error.expected && { expected: error.expected };
		return { body, outcome: { ...given, verdict: "refused", reason: error.message, code, ...expected } };
	}
}

/** @throws RegistrationRefusal `bad-request`, `bad-device-name` */
function read(request: RegistrationRequest): ParsedRequest {
	const query = new URLSearchParams(request.query);
	if (query.get("Action") !== "DynamicRegister" || query.get("Version") !== "2021-12-14")
		throw new RegistrationRefusal(
			"bad-request",
			"The query is invalid. Expected Action=DynamicRegister&Version=2021-12-14.",
		);
	const text = request.body.toString("utf8");
	const body = readObject(text, request.headers["content-type"]);
	const productKey = readText(body, "product_key");
	if (!rules.productId.pattern.test(productKey))
		throw new RegistrationRefusal("bad-request", rules.productId.violation);
	const deviceName = readText(body, "device_name");
	if (!rules.deviceName.pattern.test(deviceName))
		throw new RegistrationRefusal("bad-device-name", rules.deviceName.violation);
	const authType = readDigits(body, text, "auth_type");
	if (authType !== "0" && authType !== "1")
		throw invalid("auth_type", authType, "0 for a device that was created before, or 1 for any");
	return {
		productKey,
		deviceName,
		authType,
		instanceId: readText(body, "InstanceID"),
		random: readDigits(body, text, "random_num"),
		timestamp: readDigits(body, text, "timestamp"),
		signature: readText(body, "signature"),
	};
}

/** @throws RegistrationRefusal `bad-request` */
function readObject(text: string, contentType = ""): Readonly<Record<string, unknown>> {
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch {
		const isForm = contentType.startsWith("application/x-www-form-urlencoded");
		throw new RegistrationRefusal("bad-request", `The body is ${isForm ? "a form" : "not JSON"}. Expected JSON.`);
	}
	if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
	throw new RegistrationRefusal("bad-request", "The body is not a JSON object.");
}

function readText(body: Readonly<Record<string, unknown>>, key: string): string {
	const value = body[key];
	if (typeof value === "string" && value !== "") return value;
	const similar = Object.keys(body).find((one) => one !== key && letters(one) === letters(key));
	const hint = value === undefined && similar !== undefined ? ` The body has "${similar}" instead.` : "";
	throw invalid(key, value, "a string", hint);
}

function letters(name: string): string {
	return name.toLowerCase().replaceAll("_", "");
}

/** A JSON number to the digit: the Go SDK's random numbers have 63 bits, more than a number here keeps. */
function readDigits(body: Readonly<Record<string, unknown>>, text: string, key: string): string {
	const [, digits] = new RegExp(`"${key}"\\s*:\\s*(\\d{1,19})\\s*[,}]`).exec(text) ?? [];
	if (typeof body[key] === "number" && digits !== undefined) return digits;
	throw invalid(key, body[key], "a JSON number without a sign or fraction");
}

/** @param expected continues "Expected …" */
function invalid(key: string, value: unknown, expected: string, hint = ""): RegistrationRefusal {
	const state = value === undefined ? "missing" : "invalid";
	return new RegistrationRefusal("bad-request", `"${key}" is ${state}. Expected ${expected}.${hint}`);
}

/** @throws RegistrationRefusal `unknown-product`, `bad-request`, `bad-signature`, `bad-timestamp` */
function verify(request: ParsedRequest, context: PlatformContext): Product {
	const { productKey, instanceId, deviceName, signature, timestamp } = request;
	const product = context.products.find("volcengine", productKey);
	if (!product)
		throw new RegistrationRefusal(
			"unknown-product",
			`The product ${productKey} does not exist. Create the product in the local cloud, or correct the board's productKey.`,
		);
	if (product.instanceId !== undefined && product.instanceId !== instanceId)
		throw new RegistrationRefusal(
			"bad-request",
			`The InstanceID is another than the product's. Product ${productKey} belongs to the instance ${product.instanceId}.`,
		);
	const deviceSecret = product.devices.get(deviceName)?.secret;
	const wrong = checkSignature(
		signature,
		request,
		product.secret,
		[
			{
				key: product.secret.slice(0, 16),
				mistake: "The key is only the first 16 characters of the product secret. Expected the whole secret.",
			},
			{
				key: Buffer.from(product.secret, "base64"),
				mistake: "The key is the product secret decoded as base64. Expected the secret itself.",
			},
			...(deviceSecret === undefined
				? []
				: [{ key: deviceSecret, mistake: "The key is the device secret. Expected the product secret." }]),
		],
		"The board's product secret is probably another product's, cut short, or a sample. Otherwise compare the signed text with the expected text.",
	);
	if (wrong) throw new RegistrationRefusal("bad-signature", `The signature is wrong. ${wrong.reason}`, wrong.expected);
	checkTimestamp(Number(timestamp), context);
	return product;
}

/** Seconds that a board's clock may be off, as at Tencent's: that this platform has a limit is not established. */
const clockTolerance = 300;

/** Seconds, as both SDKs send it, or milliseconds, as the kit for conversational AI does. */
function checkTimestamp(timestamp: number, { now, checkTimestamps }: PlatformContext): void {
	if (!checkTimestamps) return;
	const seconds = timestamp > 99_999_999_999 ? timestamp / 1000 : timestamp;
	const off = Math.round(seconds - now / 1000);
	if (Math.abs(off) <= clockTolerance) return;
	throw new RegistrationRefusal(
		"bad-timestamp",
		`The timestamp is ${Math.abs(off)} s ${off < 0 ? "behind" : "ahead"}. The board's clock is wrong. Expected UTC in seconds or milliseconds.`,
	);
}

/** @throws RegistrationRefusal `not-created` */
function checkAuthType({ authType, deviceName }: ParsedRequest, { id, registration }: Product, exists: boolean): void {
	if (authType === "1" || exists || registration === "off") return;
	throw new RegistrationRefusal(
		"not-created",
		`The product ${id} has no device ${deviceName}, and auth_type is 0, for devices that were created before. Create the device, correct its name, or set the board's authType to no-pre-registration.`,
	);
}
