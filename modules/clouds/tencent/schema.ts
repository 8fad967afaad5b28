/** The keys of a configuration for Tencent Cloud. For the desk: no image links this. */

import { type CloudSchema, deviceName, keepAlive, productSecret, region } from "../../configuration/schema.js";

const pem = "PEM texts in both clientCertificate and clientKey: certificates, and an unencrypted RSA key";

export const tencentSchema = {
	title: "Tencent Cloud",
	keys: {
		productId: {
			rule: { kind: "text", least: 1, most: 10 },
			text: "The product's id, from the console.",
			required: true,
			of: "product",
			question: { text: "Product id", option: "product" },
		},
		productSecret: productSecret(16),
		service: {
			rule: { kind: "choice", of: ["hub", "explorer"] },
			text: "`hub` is IoT Hub. `explorer` is IoT Explorer, whose products register with v1 and use the topics of the data template.",
			default: "hub",
			of: "product",
			question: { text: "Service: IoT Hub or IoT Explorer", option: "service" },
		},
		region: region(["china", "us-east", "europe", "ap-bangkok"]),
		deviceName: deviceName(1, 48, ":_-"),
		auth: {
			rule: { kind: "choice", of: ["key", "certificate"] },
			text: "How the product authenticates. The platform decides, and the device follows; with `certificate`, a board whose flash cannot hold a certificate reports that before it registers.",
			blank: true,
			of: "product",
		},
		clientCertificate: {
			rule: { kind: "any", words: pem },
			text: "The device's own certificate, for products that take those of a private authority: PEM text, or on a desktop a file.",
			blank: true,
			of: "device",
			secret: true,
			needed: "The product takes the device's own certificate, from a private authority",
		},
		clientKey: {
			rule: { kind: "any", words: pem },
			text: "The RSA key of `clientCertificate`.",
			blank: true,
			of: "device",
			secret: true,
		},
		protocol: {
			rule: { kind: "choice", of: ["v2", "v1"] },
			text: "`v2` registers with `POST /device/register`, `v1` with `POST /register/dev`.",
			defaultText: "`v2`; with `service` `explorer`: `v1`",
			of: "product",
			conflict: "is v1, which cannot send a clientCertificate. Expected v2",
		},
		signMethod: {
			rule: { kind: "choice", of: ["hmacsha256", "hmacsha1"] },
			text: "The HMAC of v2 registration and of sessions. v1 registration always uses HMAC-SHA1.",
			default: "hmacsha256",
			of: "product",
		},
		"endpoints.register": {
			rule: { kind: "endpoint", scheme: "https" },
			text: "The registration server.",
			defaultText: "the platform's in the region",
			factory: "register",
		},
		"endpoints.mqtt": {
			rule: { kind: "endpoint", scheme: "mqtts" },
			text: "The MQTT broker.",
			defaultText: "the product's in the region",
			factory: "mqtt",
			conflict: "has no TLS, and a device with a certificate has nothing else to authenticate with. Expected mqtts://",
		},
		keepAlive: keepAlive(30, 900),
	},
} as const satisfies CloudSchema;
