import {
	choice,
	configurationError,
	endpoint,
	number,
	productSecret,
	text,
} from "../../configuration/configuration.js";
import type { RawConfiguration } from "../../contracts/cloud.js";
import type { CertificateCredential } from "../../contracts/credential.js";
import type { Crypto, Endpoint } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";
import { readCertificate } from "./payload.js";

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
 *
 * Hosts are those of the vendor's C SDKs 3.2.3 and 3.3.0 (`qcloud_iot_common.h`) and its console documentation. The
 * brokers' certificates are from the vendor's own root ("Tencent Iothub", valid to 2032), those of v2 registration from
 * a public one; for v1 the SDKs for C have the vendor's, those for Java a public one.
 */
export const readProduct = (configuration: RawConfiguration, crypto: Crypto, mac: string | undefined): Product => {
	const productId = text(configuration, "productId", 1, 10);
	const region = choice(configuration, "region", "china us-east europe ap-bangkok");
	const service = choice(configuration, "service", "hub explorer");
	// What the vendor's SDKs speak: Hub's v2 since 2021, Explorer's v1 to this day.
	const protocol = choice(configuration, "protocol", service === "hub" ? "v2 v1" : "v1 v2");
	const own = ownPair(configuration, crypto);
	// v1 has no way to send a certificate.
	if (own && protocol === "v1") throw configurationError("protocol", "conflict");
	const isChina = region === "china";
	const gateway = isChina ? (protocol === "v1" ? "" : "ap-guangzhou.") : `${region}.`;
	const broker = isChina ? "" : `${region}.`;
	return {
		productId,
		productSecret: productSecret(configuration, 16),
		deviceName: text(configuration, "deviceName", 1, 48, ":_-", mac?.split(":").join("").toLowerCase()),
		protocol,
		signMethod: choice(configuration, "signMethod", "hmacsha256 hmacsha1"),
		service,
		auth: own ? "certificate" : configuration.auth ? choice(configuration, "auth", "key certificate") : undefined,
		own,
		ownPem: own && (configuration.clientCertificate as string),
		register: endpoint(
			configuration,
			"register",
			`https://${gateway}gateway.tencentdevices.com:443`,
			protocol === "v1" ? ["public", "tencent-iothub"] : undefined,
		),
		mqtt: endpoint(
			configuration,
			"mqtt",
			`mqtts://${productId}.${broker}${isChina || region === "us-east" ? "iotcloud" : "iothub"}.tencentdevices.com:8883`,
			["tencent-iothub"],
		),
		// The platform allows 0 to 900, and drops a silent device after 1.5 times as much.
		keepAlive: number(configuration, "keepAlive", 30, 900, 240),
	};
};

/** @throws Failure `bad-configuration` unless both are there, or neither */
const ownPair = (
	{ clientCertificate, clientKey }: RawConfiguration,
	crypto: Crypto,
): CertificateCredential | undefined => {
	if (!clientCertificate && !clientKey) return undefined;
	try {
		return readCertificate(crypto, clientCertificate as string, clientKey as string);
	} catch {
		throw configurationError("clientCertificate", "invalid");
	}
};
