/** The keys of a configuration for Tencent Cloud. Desktop only: no image links this. */

import { type CloudSchema, deviceName, keepAlive, productSecret, region } from "../../configuration/schema.js";

const pem = "PEM text in both clientCertificate and clientKey: a certificate, and an unencrypted RSA key";

/** Regions of Tencent Cloud by their ids in its API; of those in China, the platform's servers are in Guangzhou. */
const regionIds = {
	...{ "ap-guangzhou": "china", "ap-beijing": "china", "ap-shanghai": "china", "ap-nanjing": "china" },
	...{ "ap-chengdu": "china", "ap-chongqing": "china", guangzhou: "china", cn: "china" },
	...{ "na-ashburn": "us-east", virginia: "us-east", us: "us-east" },
	...{ "eu-frankfurt": "europe", frankfurt: "europe", eu: "europe", bangkok: "ap-bangkok" },
};

export const tencentSchema = {
	title: "Tencent Cloud",
	keys: {
		productId: {
			rule: { kind: "text", min: 1, max: 10 },
			text: "The product's id, from the console.",
			required: true,
			of: "product",
			question: { text: "Product id", option: "product" },
		},
		productSecret: productSecret(16),
		service: {
			rule: { kind: "choice", of: ["hub", "explorer"] },
			text: "`hub` is IoT Hub. `explorer` is IoT Explorer: its products register with v1 and use the data template's topics.",
			default: "hub",
			of: "product",
			question: { text: "Service: IoT Hub or IoT Explorer", option: "service" },
		},
		region: region(["china", "us-east", "europe", "ap-bangkok"], regionIds),
		deviceName: deviceName(1, 48, ":_-"),
		auth: {
			rule: { kind: "choice", of: ["key", "certificate"] },
			text: "How the product authenticates. The platform decides. With `certificate`, a board whose flash cannot hold a certificate reports that before it registers.",
			blank: true,
			of: "product",
		},
		clientCertificate: {
			rule: { kind: "words", words: pem },
			text: "The device's client certificate, for products with a private authority: PEM text, or on a desktop a file.",
			blank: true,
			of: "device",
			secret: true,
			needed: "The product requires a client certificate from a private authority",
		},
		clientKey: {
			rule: { kind: "words", words: pem },
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
			conflict: "is v1, but v1 cannot send a clientCertificate. Expected v2",
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
			conflict: "has no TLS, but a device with a certificate authenticates by TLS. Expected mqtts://",
		},
		keepAlive: keepAlive(30, 900),
	},
} as const satisfies CloudSchema;
