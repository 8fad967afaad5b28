import { randomBytes } from "node:crypto";
import type { Product } from "../../products/product.js";
import type { PlatformRules, RequestNames } from "../platform.js";

const key = {
	pattern: /^(?:[A-Za-z0-9+/]{4}){5,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
	violation: "The key is invalid. Expected the base64 of 16 to 64 bytes.",
};

/** Source: vendor documentation, "Symmetric key attestation" (keys) and "Terminology" (registration ids). */
export const rules: PlatformRules = {
	productId: {
		pattern: /^[A-Za-z0-9]{1,32}$/,
		violation: "The ID scope is invalid. Expected 1 to 32 letters and digits.",
	},
	productSecret: key,
	deviceName: {
		pattern: /^[a-z0-9\-._:]{0,127}[a-z0-9-]$/,
		violation:
			"The registration id is invalid. Expected 1 to 128 characters of a-z 0-9 - . _ :, the last one a letter, a digit or a dash.",
	},
	secretName: "deviceKey",
	deviceSecret: key,
	newDeviceSecret: () => randomBytes(32).toString("base64"),
	instanceId: {
		pattern: /^[a-z0-9-]{3,50}\.azure-devices\.(?:net|cn)$/,
		violation: "The hub is invalid. Expected a host name below azure-devices.net, in small letters.",
	},
};

/** The names that are well-formed, and so may be written to the journal. */
export function wellFormed(idScope: string, registrationId: string): RequestNames {
	const device = registrationId.toLowerCase();
	return {
		...(rules.productId.pattern.test(idScope) && { product: idScope }),
		...(rules.deviceName.pattern.test(device) && { device }),
	};
}

/** The hub that registrations are assigned: the product's "instanceId". */
export function hubOf({ id, instanceId }: Product): string {
	return instanceId ?? `hub-${id.toLowerCase()}.azure-devices.net`;
}
