/** MQTT authentication: TLS has proved that the client holds its certificate's private key. */

import { X509Certificate as Certificate, type X509Certificate } from "node:crypto";
import { type Device, isRevoked, type Product } from "../../products/product.js";
import type { Products } from "../../products/products.js";
import type { ClaimedIdentity, Connect, Login, PlatformContext, RefusedLogin } from "../platform.js";
import { claimError, claimedProduct } from "./claim.js";
import { createConversation, operations } from "./conversation.js";
import { rules } from "./rules.js";
import { createSession, thingName } from "./session.js";

/** Of MQTT with client certificates (vendor documentation, "device communication protocols"). Port 8883 needs none. */
const alpnOfPort443 = "x-amzn-mqtt-ca";

interface Thing {
	readonly product: Product;
	readonly device: Device;
}

/** User names are optional, and begin with a question mark (vendor's SDKs). */
function isOurs({ username, certificate }: Pick<Connect, "username" | "certificate">): boolean {
	return username ? username.startsWith("?") : certificate !== undefined;
}

export function claimedIdentity(
	connect: Pick<Connect, "clientId" | "username" | "certificate">,
	products: Products,
): ClaimedIdentity | undefined {
	if (!isOurs(connect)) return undefined;
	const { clientId, certificate } = connect;
	const product = claimedProduct(certificate, products);
	if (product) return { operation: operations.connect, product: product.id, ...serialOf(clientId) };
	const [thing] = thingsOf(clientId, products);
	return { operation: "connect", ...(thing && { product: thing.product.id, device: thing.device.name }) };
}

export function login(connect: Connect, context: PlatformContext): Login | undefined {
	if (!isOurs(connect)) return undefined;
	const { clientId, certificate, overTls, port, alpn } = connect;
	if (!overTls) return refused("The platform authenticates by certificate, which needs TLS. Connect to a TLS port.");
	// How the platform refuses is not established.
	if (port === 443 && alpn !== alpnOfPort443)
		return refused(`Port 443 has several protocols. Expected the client to name ${alpnOfPort443} by ALPN.`);
	if (!certificate)
		return refused("The board sent no certificate. Give the board's TLS client a certificate and its private key.");
	const product = claimedProduct(certificate, context.products);
	return product ? claim(product, certificate, connect, context) : session(certificate, clientId, context);
}

function claim(product: Product, certificate: X509Certificate, { clientId }: Connect, context: PlatformContext): Login {
	const names = { product: product.id, ...serialOf(clientId) };
	const fault = claimError(product, certificate, context.now);
	if (fault) return refused(fault, { operation: operations.connect, ...names });
	return {
		verdict: "registering",
		operation: operations.connect,
		reason: `Connected with the claim certificate of ${product.id}.`,
		platform: "aws",
		names,
		conversation: createConversation(product),
		// As long as an ownership token lives (vendor documentation).
		timeLimit: 3600,
	};
}

function session(certificate: X509Certificate, clientId: string, { products, now }: PlatformContext): Login {
	const things = thingsOf(clientId, products);
	const [first] = things;
	if (!first)
		return refused(
			`No thing has the name ${clientId}. The local cloud's policy takes the thing's name as the client id. Is this the name in the response to the registration?`,
		);
	const thing = things.find(({ device }) => holds(device, certificate));
	const names = { product: first.product.id, device: first.device.name };
	if (!thing)
		return refused("The certificate is not the thing's, or was never activated. Let the board register.", names);
	if (isRevoked(thing.product, certificate))
		return refused("The certificate was revoked. Let the board register for another one.", names);
	if (now > Date.parse(certificate.validTo)) return refused("The certificate has expired.", names);
	return { verdict: "accepted", ...thing, session: createSession(thing.product, thing.device) };
}

/** Names of things are the account's: several products may have the same serial number. */
function thingsOf(clientId: string, products: Products): Thing[] {
	return [...products.all()].flatMap((product) => {
		if (product.platform !== "aws") return [];
		const prefix = thingName(product, "");
		const device = clientId.startsWith(prefix) ? product.devices.get(clientId.slice(prefix.length)) : undefined;
		return device ? [{ product, device }] : [];
	});
}

/** Earlier certificates stay valid until they are revoked. */
function holds({ certificate, earlierCertificates = [] }: Device, shown: X509Certificate): boolean {
	return [certificate, ...earlierCertificates].some(
		(pem) => pem !== undefined && new Certificate(pem).raw.equals(shown.raw),
	);
}

function serialOf(clientId: string): { readonly device?: string } {
	return rules.deviceName.pattern.test(clientId) ? { device: clientId } : {};
}

function refused(reason: string, names: Pick<RefusedLogin, "operation" | "product" | "device"> = {}): RefusedLogin {
	// Which code the platform uses is not established.
	return { verdict: "refused", code: 5, reason, ...names };
}
