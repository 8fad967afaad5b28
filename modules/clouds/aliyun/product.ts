import { bad, choice, deviceName, endpoint, number, productSecret, text } from "../../configuration/configuration.js";
import type { RawConfiguration } from "../../contracts/cloud.js";
import type { Endpoint } from "../../contracts/host.js";
import type { Secret } from "../../core/secret.js";
import { mqttHost, regionNames, registrationHost } from "./regions.js";
import { type SignMethod, signMethods } from "./sign.js";

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
export function readProduct(configuration: RawConfiguration, mac: string | undefined): Product {
	const productKey = text(configuration, "productKey", /^[A-Za-z0-9]{1,20}$/, "1 to 20 letters and digits");
	const region = choice(configuration, "region", regionNames);
	const instanceId = configuration.instanceId
		? text(
				configuration,
				"instanceId",
				/^[A-Za-z0-9-]{1,40}$/,
				"1 to 40 letters, digits and -, as the console shows it",
			)
		: undefined;
	const via = choice(configuration, "via", ["mqtt", "https"]);
	const authType = choice(configuration, "authType", ["register", "regnwl"]);
	if (via === "https" && authType === "regnwl")
		throw bad("via must be mqtt for authType regnwl: the platform has no such registration over HTTPS");
	const mqtt = endpoint(
		configuration,
		"mqtt",
		"mqtts",
		443,
		1883,
		`mqtts://${mqttHost(productKey, region, instanceId)}`,
	);
	return {
		productKey,
		productSecret: productSecret(configuration, 1),
		deviceName: deviceName(
			configuration,
			mac,
			/^[a-zA-Z0-9_@.:-]{4,32}$/,
			"4 to 32 of the characters a-z A-Z 0-9 - _ @ . :",
		),
		instanceId,
		via,
		authType,
		signMethod: choice(configuration, "signMethod", signMethods),
		register:
			via === "https"
				? endpoint(configuration, "register", "https", 443, 80, `https://${registrationHost(region)}`)
				: endpoint(configuration, "register", "mqtts", 443, 1883, address(mqtt)),
		mqtt,
		// The platform refuses less than 30 and more than 1200.
		keepAlive: number(configuration, "keepAlive", 30, 1200, 240),
	};
}

function address({ secure, host, port }: Endpoint): string {
	return `${secure ? "mqtts" : "mqtt"}://${host}:${port}`;
}
