import {
	choice,
	configurationError,
	configuredAddress,
	endpoint,
	number,
	productSecret,
	text,
} from "../../configuration/readers.js";
import type { RawConfiguration } from "../../contracts/cloud.js";
import type { Endpoint } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";
import type { SignMethod } from "./sign.js";

/** A configured Alibaba product and one device of it, validated by `readProduct`. */
export interface Product {
	readonly productKey: string;
	/** Absent in firmware for registered boards. */
	readonly productSecret: Secret | undefined;
	readonly deviceName: string;
	/** The id of an own instance; absent for a public one. */
	readonly instanceId: string | undefined;
	/** `https` supports `authType` `register` only. */
	readonly registrationTransport: "mqtt" | "https";
	/** `register`: pre-registered device names. `regnwl` ("no white list"): registration-free products. */
	readonly authType: "register" | "regnwl";
	/** For registration and session. */
	readonly signMethod: SignMethod;
	readonly register: Endpoint;
	readonly mqtt: Endpoint;
	/** Seconds, for the session. */
	readonly keepAlive: number;
}

/**
 * Limits: product key up to 20 and product secret up to 64 characters (iotkit C SDK), device name 4 to 32
 * (vendor documentation, error 6280).
 *
 * The broker's default port is 443, where its certificate has a public root. At 8883 it has the vendor's own root.
 */
export const readProduct = (configuration: RawConfiguration, mac: string | undefined): Product => {
	const productKey = text(configuration, "productKey", 1, 20);
	// Registration-free products exist in the first two only.
	const region = choice(
		configuration,
		"region",
		"cn-shanghai cn-beijing ap-southeast-1 ap-northeast-1 us-west-1 us-east-1 eu-central-1",
	);
	const instanceId =
		(configuration.instanceId ?? "") === "" ? undefined : text(configuration, "instanceId", 1, 40, "-");
	// `via` is the former name.
	const key = "registrationTransport" in configuration ? "registrationTransport" : "via";
	const registrationTransport = choice(configuration, key, "mqtt https");
	const authType = choice(configuration, "authType", "register regnwl");
	// The platform supports registration-free products over MQTT only.
	if (registrationTransport === "https" && authType === "regnwl") throw configurationError(key, "conflict");
	const host = instanceId ? `${instanceId}.mqtt.iothub` : `${productKey}.iot-as-mqtt.${region}`;
	const mqtt = endpoint(configuration, "mqtt", `mqtts://${host}.aliyuncs.com:443`);
	return {
		productKey,
		productSecret: productSecret(configuration, 1),
		deviceName: text(configuration, "deviceName", 4, 32, "_@.:-", mac?.split(":").join("").toLowerCase()),
		instanceId,
		registrationTransport,
		authType,
		signMethod: choice(configuration, "signMethod", "hmacsha256 hmacsha1 hmacmd5"),
		register:
			registrationTransport === "https"
				? endpoint(configuration, "register", `https://iot-auth.${region}.aliyuncs.com:443`)
				: configuredAddress(configuration, "register") == null
					? mqtt
					: endpoint(configuration, "register", `mqtts://${mqtt.host}:443`),
		mqtt,
		// The platform refuses less than 30 and more than 1200.
		keepAlive: number(configuration, "keepAlive", 30, 1200, 240),
	};
};
