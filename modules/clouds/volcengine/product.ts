import { choice, endpoint, number, productSecret, text } from "../../configuration/readers.js";
import type { RawConfiguration } from "../../contracts/cloud.js";
import type { Endpoint } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";

/** A configured Volcengine product and one device of it, validated by `readProduct`. */
export interface Product {
	readonly productKey: string;
	/** Absent in firmware for registered boards. */
	readonly productSecret: Secret | undefined;
	readonly instanceId: string;
	readonly deviceName: string;
	/** The platform's `auth_type`: 0 for names that are created in the console first, 1 for any name. */
	readonly authType: 0 | 1;
	readonly register: Endpoint;
	readonly mqtt: Endpoint;
	/** Seconds, for the session. */
	readonly keepAlive: number;
}

/**
 * Limits: device name 1 to 128 characters (Go SDK `util.go`); product secret from 16, because its first 16 are the key of
 * the response (Go SDK `getSecret`). Those of product key and instance id are not established.
 *
 * Source of the hosts: vendor's `docs/develop.md` of its C SDK (registration), samples of its SDKs (broker). The console
 * shows the broker's host, which is also written `{instanceId}-cn-shanghai…`. Its certificate is pinned by the Go SDK: no
 * public root has issued it.
 */
export const readProduct = (configuration: RawConfiguration, mac: string | undefined): Product => {
	const instanceId = text(configuration, "instanceId", 1, 40, "-");
	const region = choice(configuration, "region", "cn-shanghai");
	return {
		productKey: text(configuration, "productKey", 1, 64, "_-"),
		productSecret: productSecret(configuration, 16),
		instanceId,
		deviceName: text(configuration, "deviceName", 1, 128, "_-.:@", mac?.split(":").join("").toLowerCase()),
		authType: choice(configuration, "authType", "pre-registration no-pre-registration") === "pre-registration" ? 0 : 1,
		register: endpoint(configuration, "register", `https://iot-${region}.iot.volces.com:443`),
		mqtt: endpoint(configuration, "mqtt", `mqtts://${instanceId}.${region}.iot.volces.com:8883`, ["volcengine-mqtt"]),
		// What the platform accepts is not established.
		keepAlive: number(configuration, "keepAlive", 30, 1200, 240),
	};
};
