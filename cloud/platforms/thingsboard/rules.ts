import { randomInt } from "node:crypto";
import type { PlatformRules } from "../platform.js";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** As `modules/clouds/thingsboard/product.ts`: the server's own limits are wider. */
export const rules: PlatformRules = {
	productId: {
		pattern: /^[\w-]{1,64}$/,
		violation:
			"provisionDeviceKey is invalid. Expected 1 to 64 characters of A-Z a-z 0-9 _ - (20 in the server's samples).",
	},
	productSecret: {
		pattern: /^[\x21-\x7e]{8,64}$/,
		violation: "provisionDeviceSecret is invalid. Expected 8 to 64 printable characters (20 in the server's samples).",
	},
	deviceName: {
		pattern: /^[\w@.:-]{1,128}$/,
		violation: "The device name is invalid. Expected 1 to 128 characters of A-Z a-z 0-9 _ @ . : -.",
	},
	secretName: "token",
	deviceSecret: {
		pattern: /^[\x21-\x7e]{1,255}$/,
		violation: "The access token or password is invalid. Expected 1 to 255 printable characters.",
	},
	newDeviceSecret: () => Array.from({ length: 20 }, () => alphabet[randomInt(alphabet.length)]).join(""),
};

/** The names of a request, where they are well-formed. */
export function wellFormed(product: unknown, device: unknown): { readonly product?: string; readonly device?: string } {
	const isProduct = typeof product === "string" && rules.productId.pattern.test(product);
	const isDevice = typeof device === "string" && rules.deviceName.pattern.test(device);
	return { ...(isProduct && { product }), ...(isDevice && { device }) };
}
