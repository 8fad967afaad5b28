import { randomBytes } from "node:crypto";
import type { PlatformRules } from "../platform.js";

/** Names. Source: the vendor's Fleet Provisioning library 203803d (template name) and its API reference (thing name). */
export const rules: PlatformRules = {
	productId: {
		pattern: /^[A-Za-z0-9_-]{1,36}$/,
		violation: "The template's name is invalid. Expected 1 to 36 characters of A-Z a-z 0-9 _ -.",
	},
	productSecret: {
		pattern: /^\s*-----BEGIN (RSA )?PRIVATE KEY-----[\s\w+/=]+-----END (RSA )?PRIVATE KEY-----\s*$/,
		violation:
			'The secret is invalid. Expected the RSA key of the claim certificate in PEM. Leave out "secret" for a new key.',
	},
	deviceName: {
		pattern: /^[A-Za-z0-9:_-]{1,128}$/,
		violation: "The serial number is invalid. Expected 1 to 128 characters of A-Z a-z 0-9 : _ -.",
	},
	secretName: "secret",
	// Devices have certificates.
	deviceSecret: { pattern: /^[0-9a-f]{32}$/, violation: "The secret is invalid. Expected 32 hexadecimal digits." },
	newDeviceSecret: () => randomBytes(16).toString("hex"),
};
