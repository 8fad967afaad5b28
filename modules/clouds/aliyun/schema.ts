/** The keys of a configuration for Alibaba Cloud. For the desk: no image links this. */

import { type CloudSchema, deviceName, keepAlive, productSecret, region } from "../../configuration/schema.js";

export const aliyunSchema = {
	title: "Alibaba Cloud",
	keys: {
		productKey: {
			rule: { kind: "text", least: 1, most: 20 },
			text: "The product's key, from the console.",
			required: true,
			of: "product",
			question: { text: "Product key", option: "product" },
		},
		productSecret: productSecret(1),
		authType: {
			rule: { kind: "choice", of: ["register", "regnwl"] },
			text: "`register`: the device name is created in the console first. `regnwl`: registration-free, and up to five devices may share a name.",
			default: "register",
			of: "product",
			question: {
				text: "Registration: of names created beforehand (register), or free of that (regnwl)",
				option: "auth-type",
			},
		},
		instanceId: {
			rule: { kind: "text", least: 1, most: 40, others: "-" },
			text: "The id of your own instance, from the console. Its hosts replace the region's.",
			blank: true,
			of: "product",
			question: { text: "Id of your own instance (empty: none)", option: "instance" },
		},
		// With an instance, the region only decides where devices register over HTTPS.
		region: region(["cn-shanghai", "cn-beijing", "ap-southeast-1", "ap-northeast-1", "us-west-1", "eu-central-1"], {
			unless: "instanceId",
		}),
		deviceName: deviceName(4, 32, "_@.:-"),
		via: {
			rule: { kind: "choice", of: ["mqtt", "https"] },
			text: "How to register. `https` is for `authType` `register` only.",
			default: "mqtt",
			of: "product",
			conflict: "is https, and the platform has no registration over HTTPS for authType regnwl. Expected mqtt",
		},
		signMethod: {
			rule: { kind: "choice", of: ["hmacsha256", "hmacsha1", "hmacmd5"] },
			text: "The HMAC of registration and of sessions.",
			default: "hmacsha256",
			of: "product",
		},
		"endpoints.register": {
			rule: { kind: "endpoint", scheme: "mqtts", or: { scheme: "https", key: "via", value: "https" } },
			text: "The registration server.",
			defaultText: "`endpoints.mqtt`; with `via` `https`: the platform's in the region",
			factory: "register",
			conflict: "has no TLS, and the platform takes no registration over MQTT without it. Expected mqtts://",
		},
		"endpoints.mqtt": {
			rule: { kind: "endpoint", scheme: "mqtts" },
			text: "The MQTT broker.",
			defaultText: "the product's in the region, or the instance's",
			factory: "mqtt",
			conflict: "has no TLS, and a device's token is not sent in the clear. Expected mqtts://",
		},
		keepAlive: keepAlive(30, 1200),
	},
} as const satisfies CloudSchema;
