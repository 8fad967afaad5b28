/**
 * Registrations, over HTTPS and MQTT: a request to register is answered with the id of an operation, and the first request
 * for its state with the hub. They may be repeated at any time, and an id scope's hub may change.
 *
 * Source: vendor documentation, "Use symmetric keys with the DPS HTTPS API" (with a log) and "Reprovisioning". Of the error
 * codes only 401002 is known with its meaning; that 404201 means an unknown registration id is not established. All other
 * situations have codes that cannot be mistaken for the vendor's: 900001 and up.
 */

import { createHmac, randomUUID } from "node:crypto";
import type { Device, Product } from "../../products/product.js";
import type { Products } from "../../products/products.js";
import { refuseIfOff } from "../../products/refuse-registration.js";
import type { PlatformContext, RegistrationResponse } from "../platform.js";
import { type RefusalKind, RegistrationRefusal } from "../registration-refusal.js";
import { tokenError } from "./access-token.js";
import { hubOf, wellFormed } from "./rules.js";

/** Seconds that the service asks to wait, as in the vendor's log. */
const retryAfter = 3;

const errors: Readonly<Record<RefusalKind, readonly [status: number, code: number, message: string]>> = {
	"bad-signature": [401, 401002, "Unauthorized"],
	"bad-timestamp": [401, 401002, "Unauthorized"],
	"unknown-product": [401, 401002, "Unauthorized"],
	"not-created": [404, 404201, "Registration not found"],
	"bad-request": [400, 900001, "Request not understood (see the local cloud)"],
	"bad-device-name": [400, 900001, "Registration id is malformed"],
	"limit-reached": [403, 900005, "Limit of registered devices reached"],
	// These do not occur: a disabled enrollment has a state of its own, and a registration may be repeated.
	"registration-off": [403, 900003, "Registration is off"],
	"already-active": [403, 900003, "Device is active"],
	"bad-certificate": [403, 900003, "Client certificate refused"],
};

/** A request, over HTTPS or MQTT. */
export interface Request {
	readonly idScope: string;
	/** As sent. */
	readonly registrationId: string;
	readonly token: string | undefined;
	/** Of a request to register. */
	readonly body?: Buffer;
	/** Of a request for a state. */
	readonly operationId?: string;
}

type StatusResponse = RegistrationResponse & { readonly status: number };

export function respond(request: Request, context: PlatformContext): StatusResponse {
	const names = wellFormed(request.idScope, request.registrationId);
	try {
		const { product, device: name } = verify(request, context);
		if (request.operationId === undefined) return register(request, product, name, context.products);
		return query(request.operationId, product, name, context.now);
	} catch (error) {
		if (!(error instanceof RegistrationRefusal)) throw error;
		const expected = error.expected && { expected: error.expected };
		const outcome = { ...names, verdict: "refused", reason: error.message, ...expected } as const;
		if (error.kind === "registration-off") return disabled(request, outcome);
		const [status, errorCode, message] = errors[error.kind];
		const timestampUtc = new Date(context.now).toISOString();
		const body = JSON.stringify({ errorCode, trackingId: randomUUID(), message, timestampUtc });
		return { status, body, outcome: { ...outcome, code: errorCode } };
	}
}

/** The key that registrations and tokens of this name need. Base64. */
export function keyOf(product: Product, name: string): string {
	const { secret, nextSecret }: Partial<Device> = product.devices.get(name) ?? {};
	return secret ?? nextSecret ?? derivedKey(product.secret, name);
}

export function derivedKey(groupKey: string, name: string): string {
	return createHmac("sha256", Buffer.from(groupKey, "base64")).update(name).digest("base64");
}

/** @throws RegistrationRefusal `bad-request`, `bad-device-name`, `unknown-product`, `bad-signature`, `bad-timestamp` */
function verify(
	{ idScope, registrationId, token }: Request,
	{ products, now, checkTimestamps }: PlatformContext,
): { readonly product: Product; readonly device: string } {
	const { product: id, device } = wellFormed(idScope, registrationId);
	if (device === undefined) throw new RegistrationRefusal("bad-device-name", "The registration id is malformed.");
	const product = id === undefined ? undefined : products.find("azure", id);
	if (!product)
		throw new RegistrationRefusal(
			"unknown-product",
			"The ID scope does not exist. Create the product in the local cloud, or correct the board's idScope.",
		);
	const wrong = tokenError(token, {
		resource: `${idScope}/registrations/${registrationId}`,
		policy: "registration",
		key: keyOf(product, device),
		otherKeys: [
			{
				key: product.secret,
				mistake: "The key is the group's. Expected the key that is derived from it for this device.",
			},
		],
		now,
		checkTimestamps,
	});
	if (wrong) throw new RegistrationRefusal(wrong.kind, wrong.reason, wrong.expected);
	return { product, device };
}

/** @throws RegistrationRefusal */
function register(
	{ registrationId, body }: Request,
	product: Product,
	name: string,
	products: Products,
): StatusResponse {
	if (bodyId(body) !== registrationId.toLowerCase())
		throw new RegistrationRefusal(
			"bad-request",
			'The body is no JSON object with the "registrationId" of the request.',
		);
	const known = product.devices.get(name);
	refuseIfOff(product);
	// A registration may be repeated. The key is the same as before, so a session goes on.
	if (known?.secret === undefined) products.register(product, name, () => keyOf(product, name));
	else known.lastSeen = Date.now();
	const reason = known?.secret === undefined ? "Assigning a hub." : "Assigning a hub, again.";
	return {
		status: 202,
		retryAfter,
		body: JSON.stringify({ operationId: operationId(product, name), status: "assigning" }),
		outcome: {
			product: product.id,
			device: name,
			verdict: "accepted",
			reason: known ? reason : `Created the device. ${reason}`,
		},
	};
}

function bodyId(body: Buffer | undefined): string | undefined {
	try {
		const { registrationId } = JSON.parse(String(body)) as { registrationId?: unknown };
		return typeof registrationId === "string" ? registrationId.toLowerCase() : undefined;
	} catch {
		return undefined;
	}
}

/** @throws RegistrationRefusal */
function query(operation: string, product: Product, name: string, now: number): StatusResponse {
	const [, , random = ""] = operation.split(".");
	if (operation !== operationId(product, name, random))
		throw new RegistrationRefusal("bad-request", "The operation id is not one of this device's registrations.");
	refuseIfOff(product);
	const time = new Date(now).toISOString();
	const assignedHub = hubOf(product);
	return {
		status: 200,
		body: JSON.stringify({
			operationId: operation,
			status: "assigned",
			registrationState: {
				registrationId: name,
				createdDateTimeUtc: time,
				assignedHub,
				deviceId: name,
				status: "assigned",
				substatus: "initialAssignment",
				lastUpdatedDateTimeUtc: time,
			},
		}),
		outcome: { product: product.id, device: name, verdict: "accepted", reason: `Assigned ${assignedHub}.` },
	};
}

/** Nothing is kept of an operation: its id shows that it is this device's. */
function operationId({ id, secret }: Product, name: string, random: string = randomUUID()): string {
	const digest = createHmac("sha256", secret).update(`${id}/${name}/${random}`).digest("hex");
	return `5.${digest.slice(0, 16)}.${random}`;
}

function disabled(
	{ registrationId, operationId: operation }: Request,
	outcome: RegistrationResponse["outcome"],
): StatusResponse {
	const registrationState = { registrationId, status: "disabled" };
	const body = { operationId: operation ?? "", status: "disabled", registrationState };
	return { status: 200, body: JSON.stringify(body), outcome: { ...outcome, code: "disabled" } };
}
