import {
	choice,
	configurationError,
	configuredAddress,
	endpoint,
	number,
	productSecret,
	text,
} from "../../configuration/configuration.js";
import type { RawConfiguration } from "../../contracts/cloud.js";
import type { Endpoint } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";
import type { SignMethod } from "./sign.js";

/** A configured Alibaba product and one device of it. Made by `readProduct` only, so it cannot be wrong. */
export interface Product {
	readonly productKey: string;
	/** Absent in a firmware for boards that are registered already. */
	readonly productSecret: Secret | undefined;
	readonly deviceName: string;
	/** Of an instance of one's own; absent for a public one. */
	readonly instanceId: string | undefined;
	/** How to register. `https` knows `register` only. */
	readonly via: "mqtt" | "https";
	/** `register` is for device names created beforehand, `regnwl` ("no white list") for products free of that. */
	readonly authType: "register" | "regnwl";
	/** Of the registration and of the session. */
	readonly signMethod: SignMethod;
	readonly register: Endpoint;
	readonly mqtt: Endpoint;
	/** Seconds, of the session. */
	readonly keepAlive: number;
}

/**
 * Limits: product key up to 20 and product secret up to 64 characters (iotkit C SDK), device name 4 to 32
 * (vendor documentation, error 6280).
 *
 * The broker's port is 443: there its certificate has a public root. At 8883 it has one of the vendor's own.
 */
export const readProduct = (configuration: RawConfiguration, mac: string | undefined): Product => {
	const productKey = text(configuration, "productKey", 1, 20);
	// The first two are where registration-free products are.
	const region = choice(
		configuration,
		"region",
		"cn-shanghai cn-beijing ap-southeast-1 ap-northeast-1 us-west-1 eu-central-1",
	);
	const instanceId = configuration.instanceId ? text(configuration, "instanceId", 1, 40, "-") : undefined;
	const via = choice(configuration, "via", "mqtt https");
	const authType = choice(configuration, "authType", "register regnwl");
	// The platform has no registration-free registration over HTTPS.
	if (via === "https" && authType === "regnwl") throw configurationError("via", "conflict");
	const host = instanceId ? `${instanceId}.mqtt.iothub` : `${productKey}.iot-as-mqtt.${region}`;
	const mqtt = endpoint(configuration, "mqtt", `mqtts://${host}.aliyuncs.com:443`);
	return {
		productKey,
		productSecret: productSecret(configuration, 1),
		deviceName: text(configuration, "deviceName", 4, 32, "_@.:-", mac?.split(":").join("").toLowerCase()),
		instanceId,
		via,
		authType,
		signMethod: choice(configuration, "signMethod", "hmacsha256 hmacsha1 hmacmd5"),
		register:
			via === "https"
				? endpoint(configuration, "register", `https://iot-auth.${region}.aliyuncs.com:443`)
				: configuredAddress(configuration, "register") == null
					? mqtt
					: endpoint(configuration, "register", `mqtts://${mqtt.host}:443`),
		mqtt,
		// The platform refuses less than 30 and more than 1200.
		keepAlive: number(configuration, "keepAlive", 30, 1200, 240),
	};
};
