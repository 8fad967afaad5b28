import type { Auth, Product } from "../../products/product.js";
import type { Context, Names, RegistrationEndpoint, RegistrationRequest, RegistrationResponse } from "../platform.js";
import { Refusal } from "../refusal.js";
import { type CertificateFields, checkCustomerCaCertificate } from "./customer-ca-certificate.js";
import { type Credential, encrypt } from "./payload.js";
import type { Responses } from "./responses.js";
import { rules } from "./rules.js";

/** A request, not verified yet. */
export interface Claim {
	readonly productId: string;
	readonly deviceName: string;
	/** Of a product with "private-ca", in versions that have fields for it. */
	readonly certificate?: CertificateFields;
	/** @throws Refusal `bad-signature`, `bad-timestamp` */
	prove(productSecret: string, context: Context): void;
}

/** One version of the protocol. */
export interface Version {
	readonly operation: string;
	readonly responses: Responses;
	/** The keys of the names in its requests. */
	readonly keys: { readonly product: string; readonly device: string };
	/** @throws Refusal `bad-request`, `bad-device-name` */
	read(request: RegistrationRequest): Claim;
}

export function endpoint(version: Version): RegistrationEndpoint {
	return {
		operation: version.operation,
		names: ({ body }) => names(version, body),
		respond: (request, context) => register(version, request, context),
	};
}

function names({ keys }: Version, bytes: Buffer): Names {
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
	version: Version,
	request: RegistrationRequest,
	context: Context,
): Promise<RegistrationResponse> {
	let names: { product?: string; device?: string } = {};
	try {
		const claim = version.read(request);
		names = { product: claim.productId, device: claim.deviceName };
		const product = context.products.find("tencent", claim.productId);
		if (!product)
			throw new Refusal(
				"unknown-product",
				`there is no product ${claim.productId}: create it in the local cloud, or check the board's productId`,
			);
		claim.prove(product.secret, context);
		const known = product.devices.has(claim.deviceName);
		const { credential, done } = await ways[product.auth](product, claim, context);
		return {
			body: version.responses.accepted(encrypt(credential, product.secret)),
			outcome: { ...names, verdict: "accepted", reason: known ? done : `created the device and ${done}` },
		};
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		const { body, code } = version.responses.refused(error.kind);
		const expected = error.expected && { expected: error.expected };
		return { body, outcome: { ...names, verdict: "refused", reason: error.message, code, ...expected } };
	}
}

interface Registered {
	readonly credential: Credential;
	/** For the journal. */
	readonly done: string;
}

type Way = (product: Product, claim: Claim, context: Context) => Registered | Promise<Registered>;

const ways: Readonly<Record<Auth, Way>> = {
	key(product, { deviceName }, { products }) {
		const { secret } = products.register(product, deviceName, rules.newDeviceSecret);
		return { credential: { encryptionType: 2, psk: secret }, done: "handed out a psk" };
	},
	async certificate(product, { deviceName }, { products, certificates }) {
		// First, so that no key is made for a board that may not register.
		products.checkRegistration(product, deviceName);
		const { certificate, key } = await certificates.issue(product.id + deviceName);
		products.registerCertificate(product, deviceName, certificate);
		return {
			credential: { encryptionType: 1, clientCert: certificate, clientKey: key },
			done: "handed out a certificate",
		};
	},
	"private-ca"(product, { deviceName, certificate: fields }, { products, now }) {
		const certificate = checkCustomerCaCertificate(fields, product, now);
		products.registerCertificate(product, deviceName, certificate.toString());
		return { credential: { encryptionType: 1 }, done: "took the board's own certificate" };
	},
};

/**
 * The names in a request body.
 *
 * @throws Refusal `bad-request`, `bad-device-name`
 */
export function readName(body: Record<string, unknown>, key: string, kind: "productId" | "deviceName"): string {
	const value = body[key];
	const rule = rules[kind];
	if (typeof value !== "string") throw new Refusal("bad-request", `the body needs "${key}" as a string`);
	if (!rule.pattern.test(value))
		throw new Refusal(
			kind === "deviceName" ? "bad-device-name" : "bad-request",
			`"${key}" is malformed: ${rule.sentence}`,
		);
	return value;
}

/**
 * Reads the body as a JSON object, whatever its content type: the vendor's C SDK sends JSON as a form.
 *
 * @throws Refusal `bad-request`
 */
export function readBody(bytes: Buffer): Record<string, unknown> {
	let body: unknown;
	try {
		body = JSON.parse(bytes.toString("utf8"));
	} catch {
		throw new Refusal("bad-request", "the body is not JSON");
	}
	if (typeof body !== "object" || body === null || Array.isArray(body))
		throw new Refusal("bad-request", "the body is not a JSON object");
	return body as Record<string, unknown>;
}
