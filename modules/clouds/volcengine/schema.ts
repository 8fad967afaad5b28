/** The keys of a configuration for Volcengine. Desktop only: no image links this. */

import { type CloudSchema, deviceName, keepAlive, productSecret } from "../../configuration/schema.js";

export const volcengineSchema = {
	title: "Volcengine",
	keys: {
		productKey: {
			rule: { kind: "text", min: 1, max: 64, others: "_-" },
			text: "The product's key, from the console.",
			required: true,
			of: "product",
			question: { text: "Product key", option: "product" },
		},
		productSecret: productSecret(16),
		instanceId: {
			rule: { kind: "text", min: 1, max: 40, others: "-" },
			text: "The id of the product's instance, from the console.",
			required: true,
			of: "product",
			question: { text: "Instance id", option: "instance" },
		},
		authType: {
			rule: {
				kind: "choice",
				of: ["pre-registration", "no-pre-registration"],
				aliases: { "0": "pre-registration", "1": "no-pre-registration" },
			},
			text: "The platform's `auth_type`. `pre-registration` (0): device names are created in the console first. `no-pre-registration` (1): any name.",
			default: "pre-registration",
			of: "product",
			question: {
				text: "Registration: names created in the console (pre-registration), or any name (no-pre-registration)",
				option: "auth-type",
			},
		},
		// No other region is known, so this is no question of `dynreg init`.
		region: {
			rule: {
				kind: "choice",
				of: ["cn-shanghai"],
				aliases: { shanghai: "cn-shanghai", china: "cn-shanghai", cn: "cn-shanghai" },
			},
			text: "The product's region.",
			default: "cn-shanghai",
			of: "product",
		},
		deviceName: deviceName(1, 128, "_-.:@"),
		"endpoints.register": {
			rule: { kind: "endpoint", scheme: "https" },
			text: "The registration server.",
			defaultText: "the platform's in the region",
			factory: "register",
		},
		"endpoints.mqtt": {
			rule: { kind: "endpoint", scheme: "mqtts" },
			text: "The MQTT broker. Set the host that the console shows, if it is another.",
			defaultText: "the instance's in the region",
			factory: "mqtt",
		},
		keepAlive: keepAlive(30, 1200),
	},
} as const satisfies CloudSchema;
