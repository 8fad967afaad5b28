/** The keys of a configuration for ThingsBoard. Desktop only: no image links this. */

import { type CloudSchema, deviceName, keepAlive, productSecret } from "../../configuration/schema.js";

export const thingsboardSchema = {
	title: "ThingsBoard",
	keys: {
		provisionKey: {
			rule: { kind: "text", min: 1, max: 64, others: "_-" },
			text: "The device profile's provision device key.",
			required: true,
			of: "product",
			question: { text: "Provision device key of the device profile", option: "product" },
		},
		host: {
			rule: { kind: "text", min: 1, max: 128, others: ".-" },
			text: "The server's host name, with MQTT over TLS at port 8883 and HTTPS at port 443.",
			required: true,
			of: "product",
			question: { text: "Host name of the server", option: "server-host" },
		},
		productSecret: productSecret(1),
		deviceName: deviceName(1, 128, "_@.:-"),
		credentials: {
			rule: { kind: "choice", of: ["token", "basic"] },
			text: "What the device registers with: an access token, or client id, user name and password (`MQTT_BASIC`). The server decides for devices that were created beforehand.",
			default: "token",
			of: "product",
		},
		"endpoints.register": {
			rule: { kind: "endpoint", scheme: "https" },
			text: "The server's HTTP API.",
			defaultText: "`host` at port 443",
			factory: "register",
		},
		"endpoints.mqtt": {
			rule: { kind: "endpoint", scheme: "mqtts" },
			text: "The MQTT broker.",
			defaultText: "`host` at port 8883",
			factory: "mqtt",
		},
		keepAlive: keepAlive(30, 1200),
	},
} as const satisfies CloudSchema;
