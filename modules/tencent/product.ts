import { choice, deviceName, endpoint, productSecret, text } from "dynreg/configuration";
import type { Secret } from "dynreg/secret";
import type { Configuration } from "../contracts/cloud.js";
import type { Endpoint } from "../contracts/host.js";
import { region, regionNames } from "./regions.js";

/** A configured Tencent product and one device of it. Made by `readProduct` only, so it cannot be wrong. */
export interface Product {
	readonly productId: string;
	/** Absent in a firmware for boards that are registered already. */
	readonly productSecret: Secret | undefined;
	readonly deviceName: string;
	/** `v1` is `POST /register/dev`, `v2` is `POST /device/register`. */
	readonly protocol: "v1" | "v2";
	/** Of the v2 request and of the session's password; v1 requests know HMAC-SHA1 only. */
	readonly signMethod: keyof typeof hashes;
	readonly register: Endpoint;
	readonly mqtt: Endpoint;
}

/** The platform's names of the two HMACs it takes. */
export const hashes = Object.freeze({ hmacsha1: "SHA1", hmacsha256: "SHA256" } as const);

/**
 * Limits: product id up to 10 characters and device name up to 48 (C SDK, `MAX_SIZE_OF_PRODUCT_ID`
 * and the console's rule), product secret from 16, because its first 16 are the AES key (C SDK `dynreg.c`).
 */
export function readProduct(configuration: Configuration, mac: string | undefined): Product {
	const productId = text(configuration, "productId", /^[A-Za-z0-9]{1,10}$/, "1 to 10 letters and digits");
	const hosts = region(choice(configuration, "region", regionNames));
	const protocol = choice(configuration, "protocol", ["v2", "v1"]);
	return {
		productId,
		productSecret: productSecret(configuration, 16),
		deviceName: deviceName(configuration, mac, /^[a-zA-Z0-9:_-]{1,48}$/, "1 to 48 of the characters a-z A-Z 0-9 : _ -"),
		protocol,
		signMethod: choice(configuration, "signMethod", ["hmacsha256", "hmacsha1"]),
		register: endpoint(configuration, "register", "https", 443, 80, `https://${hosts[protocol]}`),
		mqtt: endpoint(configuration, "mqtt", "mqtts", 8883, 1883, `mqtts://${productId}.${hosts.mqtt}`),
	};
}
