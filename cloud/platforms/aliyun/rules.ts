import { randomBytes } from "node:crypto";
import type { BoardRules } from "../../products/product.js";
import type { PlatformRules } from "../platform.js";

/** Source: the vendor's C SDK 3.x (lengths) and documentation (characters of a device name). */
export const rules: PlatformRules = {
	productId: {
		pattern: /^[A-Za-z0-9]{1,20}$/,
		violation: "The productKey is invalid. Expected 1 to 20 letters and digits (11 in the console).",
	},
	productSecret: {
		pattern: /^[\x21-\x7e]{8,64}$/,
		violation: "The productSecret is invalid. Expected 8 to 64 printable characters (16 in the console).",
	},
	deviceName: {
		pattern: /^[A-Za-z0-9\-_@.:]{4,32}$/,
		violation: "The device name is invalid. Expected 4 to 32 characters of A-Z a-z 0-9 . @ : _ -.",
	},
	secretName: "secret",
	deviceSecret: {
		pattern: /^[\x21-\x7e]{8,64}$/,
		violation: "The deviceSecret or token is invalid. Expected 8 to 64 printable characters (32 on the platform).",
	},
	newDeviceSecret: () => randomBytes(16).toString("hex"),
	instanceId: {
		pattern: /^[A-Za-z0-9_-]{1,64}$/,
		violation: "The instance id is invalid. Expected 1 to 64 characters of A-Z a-z 0-9 _ -.",
	},
};

/** @returns the names that are well-formed, and so may be written to the journal */
export function wellFormed(
	productKey: string | null | undefined,
	deviceName: string | null | undefined,
): { readonly product?: string; readonly device?: string } {
	return {
		...(productKey && rules.productId.pattern.test(productKey) && { product: productKey }),
		...(deviceName && rules.deviceName.pattern.test(deviceName) && { device: deviceName }),
	};
}

/** Up to five boards may share one name (vendor documentation). */
export const boardRules: BoardRules = {
	maxBoards: 5,
	newClientId: () => randomBytes(8).toString("hex"),
	newToken: rules.newDeviceSecret,
};
