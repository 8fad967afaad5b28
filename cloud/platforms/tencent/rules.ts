import { randomBytes } from "node:crypto";
import type { Rules } from "../platform.js";

/** Names and secrets. Source: the vendor's C SDK (lengths) and console documentation (characters). */
export const rules: Rules = {
	productId: {
		pattern: /^[A-Za-z0-9_-]{1,11}$/,
		sentence: "a product id is 1 to 11 characters of A-Z a-z 0-9 _ - (the console's have 10)",
	},
	productSecret: {
		pattern: /^[\x21-\x7e]{16,32}$/,
		sentence: "a product secret is 16 to 32 printable characters (its first 16 are the key of the encrypted answer)",
	},
	deviceName: {
		pattern: /^[A-Za-z0-9:_-]{1,48}$/,
		sentence: "a device name is 1 to 48 characters of A-Z a-z 0-9 : _ -",
	},
	secretName: "psk",
	deviceSecret: {
		pattern: /^[A-Za-z0-9+/]{21}[AQgw]==$/,
		sentence: "a psk is the base64 of 16 bytes: 24 characters that end in ==",
	},
	newDeviceSecret: () => randomBytes(16).toString("base64"),
};
