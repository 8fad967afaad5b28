/**
 * Fleet provisioning by claim: the platform makes keys and a certificate, and hands out an ownership token; the template
 * makes the thing for this token, and activates the certificate.
 *
 * Source: vendor documentation, "Device provisioning MQTT API".
 */

import { randomBytes, X509Certificate } from "node:crypto";
import type { Product } from "../../products/product.js";
import type { Conversation, ConversationResponse, PlatformContext } from "../platform.js";
import { RegistrationRefusal } from "../registration-refusal.js";
import { InvalidToken, rejection } from "./responses.js";
import { rules } from "./rules.js";
import { thingName } from "./session.js";
import { createTopic, provisionTopic } from "./topics.js";

/** As in the journal. Only the last one is a registration. */
export const operations = {
	connect: "claim",
	create: "claim/certificate",
	provision: "register/thing",
} as const;

/** Milliseconds. */
const tokenLifetime = 60 * 60 * 1000;
/** Per connection. Each takes a key's time. */
const maxPending = 16;

/** A certificate that is not active yet. */
interface PendingCertificate {
	/** PEM. */
	readonly certificate: string;
	/** Milliseconds since 1970. */
	readonly expires: number;
}

export function createConversation(product: Product): Conversation {
	/** By ownership token. */
	const pending = new Map<string, PendingCertificate>();
	const requests = [createTopic, provisionTopic(product.id)];
	const responses = requests.flatMap((topic) => [`${topic}/accepted`, `${topic}/rejected`]);
	return {
		closesOnRefusal: true,
		mayPublish: (topic) => requests.includes(topic),
		maySubscribe: (filter) => responses.includes(filter),
		respond: (topic, payload, context) =>
			topic === createTopic
				? createKeysAndCertificate(product, pending, context)
				: registerThing(product, pending, payload, context),
	};
}

async function createKeysAndCertificate(
	product: Product,
	pending: Map<string, PendingCertificate>,
	{ certificates, now }: PlatformContext,
): Promise<ConversationResponse> {
	const operation = operations.create;
	if (pending.size >= maxPending) {
		const refusal = new RegistrationRefusal(
			"limit-reached",
			`The connection has ${maxPending} certificates that are not active. Register a thing with one of them.`,
		);
		return { operation, ...rejection(createTopic, refusal, { product: product.id }) };
	}
	const { certificate, key } = await certificates.issue("AWS IoT Certificate");
	const certificateOwnershipToken = randomBytes(256).toString("base64url");
	pending.set(certificateOwnershipToken, { certificate, expires: now + tokenLifetime });
	const { fingerprint256 } = new X509Certificate(certificate);
	const certificateId = fingerprint256.replaceAll(":", "").toLowerCase();
	const body = { certificateId, certificatePem: certificate, privateKey: key, certificateOwnershipToken };
	return {
		operation,
		message: { topic: `${createTopic}/accepted`, payload: JSON.stringify(body) },
		outcome: {
			product: product.id,
			verdict: "accepted",
			reason: "Issued a certificate, which is pending until the thing is registered.",
		},
	};
}

interface RegisterThing {
	readonly token: string;
	readonly serialNumber: string;
}

async function registerThing(
	product: Product,
	pending: Map<string, PendingCertificate>,
	payload: Buffer,
	{ products, now }: PlatformContext,
): Promise<ConversationResponse> {
	const operation = operations.provision;
	const topic = provisionTopic(product.id);
	let names: { readonly product: string; readonly device?: string } = { product: product.id };
	try {
		const { token, serialNumber } = readRequest(payload);
		names = { ...names, device: serialNumber };
		const found = pending.get(token);
		if (!found || now > found.expires)
			throw new InvalidToken(
				found
					? "The ownership token is older than an hour. Ask for another certificate."
					: "The ownership token is not of this connection, or was used before. Ask for another certificate.",
			);
		const isKnown = product.devices.has(serialNumber);
		products.addCertificate(product, serialNumber, found.certificate);
		pending.delete(token);
		const name = thingName(product, serialNumber);
		const body = { deviceConfiguration: {}, thingName: name };
		return {
			operation,
			message: { topic: `${topic}/accepted`, payload: JSON.stringify(body) },
			outcome: {
				...names,
				verdict: "accepted",
				reason: isKnown
					? `Activated the certificate for the thing ${name}. Its earlier certificates stay valid until they are revoked.`
					: `Created the thing ${name}, and activated its certificate.`,
			},
		};
	} catch (error) {
		if (!(error instanceof RegistrationRefusal)) throw error;
		return { operation, ...rejection(topic, error, names) };
	}
}

/** @throws RegistrationRefusal `bad-request`, `bad-device-name`; InvalidToken */
function readRequest(payload: Buffer): RegisterThing {
	let request: unknown;
	try {
		request = JSON.parse(payload.toString("utf8"));
	} catch {
		throw new RegistrationRefusal("bad-request", "The request is not JSON.");
	}
	const { certificateOwnershipToken: token, parameters } = Object(request) as Record<string, unknown>;
	if (typeof token !== "string" || token === "")
		throw new InvalidToken('"certificateOwnershipToken" is missing. Expected the one of the certificate.');
	const { SerialNumber: serialNumber } = Object(parameters) as Record<string, unknown>;
	if (typeof serialNumber !== "string")
		throw new RegistrationRefusal("bad-request", 'The parameter "SerialNumber" is missing. The template needs it.');
	if (!rules.deviceName.pattern.test(serialNumber))
		throw new RegistrationRefusal("bad-device-name", rules.deviceName.violation);
	return { token, serialNumber };
}
