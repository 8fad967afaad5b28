import { randomBytes } from "node:crypto";
import type { PlatformRules } from "../platform.js";

/**
 * Source: the vendor's Go SDK (`util.go`: the device name) and its way to decrypt (16 characters of the product secret). The
 * other limits are not established.
 */
export const rules: PlatformRules = {
	productId: {
		pattern: /^[A-Za-z0-9_-]{1,64}$/,
		violation: "The product key is invalid. Expected 1 to 64 characters of A-Z a-z 0-9 _ -.",
	},
	productSecret: {
		pattern: /^[\x21-\x7e]{16,64}$/,
		violation:
			"The product secret is invalid. Expected 16 to 64 printable characters (the first 16 encrypt the response).",
	},
	deviceName: {
		pattern: /^[A-Za-z0-9_\-.:@]{1,128}$/,
		violation: "The device name is invalid. Expected 1 to 128 characters of A-Z a-z 0-9 _ - . : @.",
	},
	secretName: "secret",
	deviceSecret: {
		pattern: /^[\x21-\x7e]{8,64}$/,
		violation: "The device secret is invalid. Expected 8 to 64 printable characters (24 on the platform).",
	},
	newDeviceSecret: () => randomBytes(12).toString("hex"),
	instanceId: {
		pattern: /^[A-Za-z0-9-]{1,40}$/,
		violation: "The instance id is invalid. Expected 1 to 40 characters of A-Z a-z 0-9 -.",
	},
};

/** @returns the names that are well-formed, and so may be written to the journal */
export function wellFormed(product: unknown, device: unknown): { readonly product?: string; readonly device?: string } {
	return {
		...(typeof product === "string" && rules.productId.pattern.test(product) && { product }),
		...(typeof device === "string" && rules.deviceName.pattern.test(device) && { device }),
	};
}
