import type { AuthMethod, Product } from "../../products/product.js";
import type {
	PlatformContext,
	RegistrationEndpoint,
	RegistrationRequest,
	RegistrationResponse,
	RequestNames,
} from "../platform.js";
import { RegistrationRefusal } from "../registration-refusal.js";
import { type CertificateFields, checkCustomerCaCertificate } from "./customer-ca-certificate.js";
import { type Credential, encryptCredential } from "./payload.js";
import type { Responses } from "./responses.js";
import { rules } from "./rules.js";

/** A request, not verified yet. */
export interface ParsedRequest {
	readonly productId: string;
	readonly deviceName: string;
	/** Of a product with "private-ca", in versions that have fields for it. */
	readonly certificate?: CertificateFields;
	/** @throws RegistrationRefusal `bad-signature`, `bad-timestamp` */
	verify(productSecret: string, context: PlatformContext): void;
}

/** One version of the protocol. */
export interface ProtocolVersion {
	readonly operation: string;
	readonly responses: Responses;
	/** The keys of the names in its requests. */
	readonly keys: { readonly product: string; readonly device: string };
	/** @throws RegistrationRefusal `bad-request`, `bad-device-name` */
	read(request: RegistrationRequest): ParsedRequest;
}

export function endpoint(version: ProtocolVersion): RegistrationEndpoint {
	return {
		operation: version.operation,
		names: ({ body }) => names(version, body),
		respond: (request, context) => register(version, request, context),
	};
}

function names({ keys }: ProtocolVersion, bytes: Buffer): RequestNames {
	let body: Record<string, unknown>;
	try {
		body = readBody(bytes);
	} catch {
		return {};
	}
	const { [keys.product]: product, [keys.device]: device } = body;
	return {
		...(typeof product === "string" && rules.productId.pattern.test(product) && { product }),
		...(typeof device === "string" && rules.deviceName.pattern.test(device) && { device }),
	};
}

async function register(
	version: ProtocolVersion,
	request: RegistrationRequest,
	context: PlatformContext,
): Promise<RegistrationResponse> {
	let names: { product?: string; device?: string } = {};
	try {
		const parsed = version.read(request);
		names = { product: parsed.productId, device: parsed.deviceName };
		const product = context.products.find("tencent", parsed.productId);
		if (!product)
			throw new RegistrationRefusal(
				"unknown-product",
				`The product ${parsed.productId} does not exist. Create the product in the local cloud, or correct the board's productId.`,
			);
		parsed.verify(product.secret, context);
		const known = product.devices.has(parsed.deviceName);
		const { credential, done } = await registrations[product.auth](product, parsed, context);
		return {
			body: version.responses.successBody(encryptCredential(credential, product.secret)),
			outcome: { ...names, verdict: "accepted", reason: known ? done : `Created the device. ${done}` },
		};
	} catch (error) {
		if (!(error instanceof RegistrationRefusal)) throw error;
		const { body, code } = version.responses.errorResponse(error.kind);
		const expected = error.expected && { expected: error.expected };
		return { body, outcome: { ...names, verdict: "refused", reason: error.message, code, ...expected } };
	}
}

interface Registered {
	readonly credential: Credential;
	/** For the journal. */
	readonly done: string;
}

type Registration = (
	product: Product,
	parsed: ParsedRequest,
	context: PlatformContext,
) => Registered | Promise<Registered>;

const registrations: Readonly<Record<AuthMethod, Registration>> = {
	key(product, { deviceName }, { products }) {
		const { secret } = products.register(product, deviceName, rules.newDeviceSecret);
		return { credential: { encryptionType: 2, psk: secret }, done: "Issued a psk." };
	},
	async certificate(product, { deviceName }, { products, certificates }) {
		// First, so that no key is made for a board that may not register.
		products.checkRegistration(product, deviceName);
		const { certificate, key } = await certificates.issue(product.id + deviceName);
		products.registerCertificate(product, deviceName, certificate);
		return {
			credential: { encryptionType: 1, clientCert: certificate, clientKey: key },
			done: "Issued a certificate.",
		};
	},
	"private-ca"(product, { deviceName, certificate: fields }, { products, now }) {
		const certificate = checkCustomerCaCertificate(fields, product, now);
		products.registerCertificate(product, deviceName, certificate.toString());
		return { credential: { encryptionType: 1 }, done: "Accepted the board's own certificate." };
	},
};

/**
 * The names in a request body.
 *
 * @throws RegistrationRefusal `bad-request`, `bad-device-name`
 */
export function readName(body: Record<string, unknown>, key: string, kind: "productId" | "deviceName"): string {
	const value = body[key];
	const rule = rules[kind];
	if (typeof value !== "string") throw invalid(key, value, "a string");
	if (!rule.pattern.test(value))
		throw new RegistrationRefusal(kind === "deviceName" ? "bad-device-name" : "bad-request", rule.violation);
	return value;
}

/** @param expected continues "Expected …" */
export function invalid(key: string, value: unknown, expected: string): RegistrationRefusal {
	return new RegistrationRefusal(
		"bad-request",
		`"${key}" is ${value === undefined ? "missing" : "invalid"}. Expected ${expected}.`,
	);
}

/**
 * Reads the body as a JSON object, whatever its content type: the vendor's C SDK sends JSON as a form.
 *
 * @throws RegistrationRefusal `bad-request`
 */
export function readBody(bytes: Buffer): Record<string, unknown> {
	let body: unknown;
	try {
		body = JSON.parse(bytes.toString("utf8"));
	} catch {
		throw new RegistrationRefusal("bad-request", "The body is not JSON.");
	}
	if (typeof body !== "object" || body === null || Array.isArray(body))
		throw new RegistrationRefusal("bad-request", "The body is not a JSON object.");
	return body as Record<string, unknown>;
}
