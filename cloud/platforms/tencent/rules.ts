import { randomBytes } from "node:crypto";
import type { PlatformRules } from "../platform.js";

/** Names and secrets. Source: the vendor's C SDK (lengths) and console documentation (characters). */
export const rules: PlatformRules = {
	productId: {
		pattern: /^[A-Za-z0-9_-]{1,11}$/,
		violation: "The product id is invalid. Expected 1 to 11 characters of A-Z a-z 0-9 _ - (10 in the console).",
	},
	productSecret: {
		pattern: /^[\x21-\x7e]{16,32}$/,
		violation:
			"The product secret is invalid. Expected 16 to 32 printable characters (the first 16 encrypt the response).",
	},
	deviceName: {
		pattern: /^[A-Za-z0-9:_-]{1,48}$/,
		violation: "The device name is invalid. Expected 1 to 48 characters of A-Z a-z 0-9 : _ -.",
	},
	secretName: "psk",
	deviceSecret: {
		pattern: /^[A-Za-z0-9+/]{21}[AQgw]==$/,
		violation: "The psk is invalid. Expected the base64 of 16 bytes: 24 characters with == at the end.",
	},
	newDeviceSecret: () => randomBytes(16).toString("base64"),
};
