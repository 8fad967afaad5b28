import { choice, configurationError, endpoint, number, productSecret, text } from "../../configuration/readers.js";
import type { RawConfiguration } from "../../contracts/cloud.js";
import type { CertificateCredential } from "../../contracts/credential.js";
import type { Crypto, Endpoint } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";
import { certificateFromPem } from "../../x509/client-certificate.js";

/** A configured Tencent product and one device of it, validated by `readProduct`. */
export interface Product {
	readonly productId: string;
	/** Absent in firmware for registered boards. */
	readonly productSecret: Secret | undefined;
	readonly deviceName: string;
	/** IoT Hub, or IoT Explorer with its data template. */
	readonly service: "hub" | "explorer";
	/** `v1` is `POST /register/dev`, `v2` is `POST /device/register`. */
	readonly protocol: "v1" | "v2";
	/** For v2 requests and the session's password; v1 requests always use HMAC-SHA1. */
	readonly signMethod: keyof typeof hashes;
	/** The product's authentication, if configured. */
	readonly auth: "key" | "certificate" | undefined;
	/** The board's own certificate and key, for a product of a private CA. */
	readonly clientCertificate: CertificateCredential | undefined;
	/** The same certificate in PEM, for the request. */
	readonly clientCertificatePem: string | undefined;
	readonly register: Endpoint;
	readonly mqtt: Endpoint;
	/** Seconds, for the session. */
	readonly keepAlive: number;
}

/** The platform's names of the HMACs. */
export const hashes = Object.freeze({ hmacsha1: "SHA1", hmacsha256: "SHA256" } as const);

/**
 * Limits: product id up to 10 characters and device name up to 48 (C SDK, `MAX_SIZE_OF_PRODUCT_ID`
 * and the console's rule), product secret from 16, because its first 16 are the AES key (C SDK `dynreg.c`).
 *
 * Source of the hosts: the vendor's C SDKs 3.2.3 and 3.3.0 (`qcloud_iot_common.h`) and its console documentation. The
 * brokers use the vendor's own root ("Tencent Iothub", valid to 2032), v2 registration a public one; for v1 the C SDKs
 * have the vendor's root, the Java SDKs a public one.
 */
export const readProduct = (configuration: RawConfiguration, crypto: Crypto, mac: string | undefined): Product => {
	const productId = text(configuration, "productId", 1, 10);
	const region = choice(configuration, "region", "china us-east europe ap-bangkok");
	const service = choice(configuration, "service", "hub explorer");
	// As in the vendor's SDKs: v2 for IoT Hub since 2021, v1 for IoT Explorer.
	const protocol = choice(configuration, "protocol", service === "hub" ? "v2 v1" : "v1 v2");
	const clientCertificate = readClientCertificate(configuration, crypto);
	// v1 cannot send a certificate.
	if (clientCertificate && protocol === "v1") throw configurationError("protocol", "conflict");
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
		auth: clientCertificate
			? "certificate"
			: (configuration.auth ?? "") === ""
				? undefined
				: choice(configuration, "auth", "key certificate"),
		clientCertificate,
		clientCertificatePem: clientCertificate && (configuration.clientCertificate as string),
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
		// The platform allows 0 to 900 and disconnects a silent device after 1.5 times that.
		keepAlive: number(configuration, "keepAlive", 30, 900, 240),
	};
};

/** @throws Failure `bad-configuration` unless certificate and key are a pair that a connection can be opened with */
const readClientCertificate = (
	{ clientCertificate, clientKey }: RawConfiguration,
	crypto: Crypto,
): CertificateCredential | undefined => {
	if (!clientCertificate && !clientKey) return undefined;
	if (!clientCertificate) throw configurationError("clientCertificate", "missing");
	if (!clientKey) throw configurationError("clientKey", "missing");
	return certificateFromPem(crypto, clientCertificate as string, clientKey as string);
};
