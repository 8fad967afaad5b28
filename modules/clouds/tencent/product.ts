import { bad, choice, deviceName, endpoint, number, productSecret, text } from "../../configuration/configuration.js";
import type { RawConfiguration } from "../../contracts/cloud.js";
import type { CertificateCredential } from "../../contracts/credential.js";
import type { Crypto, Endpoint } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";
import { readCertificate } from "./certificate.js";
import { region, regionNames, trust } from "./regions.js";

/** A configured Tencent product and one device of it. Made by `readProduct` only, so it cannot be wrong. */
export interface Product {
	readonly productId: string;
	/** Absent in a firmware for boards that are registered already. */
	readonly productSecret: Secret | undefined;
	readonly deviceName: string;
	/** IoT Hub, or IoT Explorer with its data template. */
	readonly service: "hub" | "explorer";
	/** `v1` is `POST /register/dev`, `v2` is `POST /device/register`. */
	readonly protocol: "v1" | "v2";
	/** Of the v2 request and of the session's password; v1 requests know HMAC-SHA1 only. */
	readonly signMethod: keyof typeof hashes;
	/** How the product authenticates, where the configuration says it. */
	readonly auth: "key" | "certificate" | undefined;
	/** The board's own certificate and key, where the product takes those of a private authority. */
	readonly own: CertificateCredential | undefined;
	/** Its certificate as PEM, for the platform. */
	readonly ownPem: string | undefined;
	readonly register: Endpoint;
	readonly mqtt: Endpoint;
	/** Seconds, of the session. */
	readonly keepAlive: number;
}

/** The platform's names of the two HMACs it takes. */
export const hashes = Object.freeze({ hmacsha1: "SHA1", hmacsha256: "SHA256" } as const);

/**
 * Limits: product id up to 10 characters and device name up to 48 (C SDK, `MAX_SIZE_OF_PRODUCT_ID`
 * and the console's rule), product secret from 16, because its first 16 are the AES key (C SDK `dynreg.c`).
 */
export function readProduct(configuration: RawConfiguration, crypto: Crypto, mac: string | undefined): Product {
	const productId = text(configuration, "productId", /^[A-Za-z0-9]{1,10}$/, "1 to 10 letters and digits");
	const hosts = region(choice(configuration, "region", regionNames));
	const service = choice(configuration, "service", ["hub", "explorer"]);
	// What the vendor's SDKs speak: Hub's v2 since 2021, Explorer's v1 to this day.
	const protocol = choice(configuration, "protocol", service === "hub" ? ["v2", "v1"] : ["v1", "v2"]);
	const own = ownPair(configuration, crypto);
	if (own !== undefined && protocol === "v1")
		throw bad("protocol must be v2 for a clientCertificate: v1 has no way to send one");
	return {
		productId,
		productSecret: productSecret(configuration, 16),
		deviceName: deviceName(configuration, mac, /^[a-zA-Z0-9:_-]{1,48}$/, "1 to 48 of the characters a-z A-Z 0-9 : _ -"),
		protocol,
		signMethod: choice(configuration, "signMethod", ["hmacsha256", "hmacsha1"]),
		service,
		auth: own === undefined ? expectedAuth(configuration) : "certificate",
		own,
		ownPem: own && (configuration.clientCertificate as string),
		register: endpoint(configuration, "register", "https", 443, 80, `https://${hosts[protocol]}`, trust[protocol]),
		mqtt: endpoint(configuration, "mqtt", "mqtts", 8883, 1883, `mqtts://${productId}.${hosts.mqtt}`, trust.mqtt),
		// The platform allows 0 to 900, and drops a silent device after 1.5 times as much.
		keepAlive: number(configuration, "keepAlive", 30, 900, 240),
	};
}

function expectedAuth(configuration: RawConfiguration): Product["auth"] {
	return configuration.auth ? choice<"key" | "certificate">(configuration, "auth", ["key", "certificate"]) : undefined;
}

/** @throws Failure `bad-configuration` unless both are there, or neither */
function ownPair(configuration: RawConfiguration, crypto: Crypto): CertificateCredential | undefined {
	const { clientCertificate, clientKey } = configuration;
	if (!clientCertificate && !clientKey) return undefined;
	try {
		return readCertificate(crypto, clientCertificate as string, clientKey as string);
	} catch {
		throw bad("clientCertificate and clientKey must both be PEM texts: certificates, and an unencrypted RSA key");
	}
}
