import { choice, endpoint, number, productSecret, text } from "../../configuration/readers.js";
import type { RawConfiguration } from "../../contracts/cloud.js";
import type { Endpoint } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";

/** A configured ThingsBoard device profile and one device of it, validated by `readProduct`. */
export interface Product {
	/** `provisionDeviceKey` of the device profile. */
	readonly provisionKey: string;
	/** `provisionDeviceSecret` of the device profile. Absent in firmware for registered boards. */
	readonly productSecret: Secret | undefined;
	readonly deviceName: string;
	/** What the device proposes: an access token, or client id, user name and password (MQTT basic). */
	readonly credentials: "token" | "basic";
	readonly register: Endpoint;
	readonly mqtt: Endpoint;
	/** Seconds, for the session. */
	readonly keepAlive: number;
}

/**
 * Limits: the server's are wider (names up to 255, any text as key and secret; source: schema-entities.sql and
 * JsonConverter.java of ThingsBoard 4.4). A name has 128 characters at most, since the vault's identity holds it.
 *
 * Ports: 443, where a proxy in front of the server's 8080 has TLS, and 8883 (thingsboard.yml).
 */
export const readProduct = (configuration: RawConfiguration, mac: string | undefined): Product => {
	const host = text(configuration, "host", 1, 128, ".-");
	return {
		provisionKey: text(configuration, "provisionKey", 1, 64, "_-"),
		productSecret: productSecret(configuration, 1),
		deviceName: text(configuration, "deviceName", 1, 128, "_@.:-", mac?.split(":").join("").toLowerCase()),
		credentials: choice(configuration, "credentials", "token basic"),
		register: endpoint(configuration, "register", `https://${host}:443`),
		mqtt: endpoint(configuration, "mqtt", `mqtts://${host}:8883`),
		keepAlive: number(configuration, "keepAlive", 30, 1200, 240),
	};
};
