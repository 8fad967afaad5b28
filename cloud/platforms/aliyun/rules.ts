import { randomBytes } from "node:crypto";
import type { BoardRules } from "../../products/product.js";
import type { Rules } from "../platform.js";

/** Source: the vendor's C SDK 3.x (lengths) and documentation (characters of a device name). */
export const rules: Rules = {
	productId: {
		pattern: /^[A-Za-z0-9]{1,20}$/,
		sentence: "a productKey is 1 to 20 letters and digits (the console's have 11)",
	},
	productSecret: {
		pattern: /^[\x21-\x7e]{8,64}$/,
		sentence: "a productSecret is 8 to 64 printable characters (the console's have 16)",
	},
	deviceName: {
		pattern: /^[A-Za-z0-9\-_@.:]{4,32}$/,
		sentence: "a device name is 4 to 32 characters of A-Z a-z 0-9 - _ @ . :",
	},
	secretName: "secret",
	deviceSecret: {
		pattern: /^[\x21-\x7e]{8,64}$/,
		sentence: "a deviceSecret or token is 8 to 64 printable characters (the cloud's have 32)",
	},
	newDeviceSecret: () => randomBytes(16).toString("hex"),
	instanceId: {
		pattern: /^[A-Za-z0-9_-]{1,64}$/,
		sentence: "an instance id is 1 to 64 characters of A-Z a-z 0-9 _ -",
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
	most: 5,
	newClientId: () => randomBytes(8).toString("hex"),
	newToken: rules.newDeviceSecret,
};
