/** The keys of a configuration for Alibaba Cloud. Desktop only: no image links this. */

import { type CloudSchema, deviceName, keepAlive, productSecret, region } from "../../configuration/schema.js";

export const aliyunSchema = {
	title: "Alibaba Cloud",
	keys: {
		productKey: {
			rule: { kind: "text", min: 1, max: 20 },
			text: "The product's key, from the console.",
			required: true,
			of: "product",
			question: { text: "Product key", option: "product" },
		},
		productSecret: productSecret(1),
		authType: {
			rule: { kind: "choice", of: ["register", "regnwl"] },
			text: "`register`: device names are created in the console first. `regnwl`: registration-free, and up to five devices may share a name.",
			default: "register",
			of: "product",
			question: {
				text: "Registration: names created in the console (register), or any name (regnwl)",
				option: "auth-type",
			},
		},
		instanceId: {
			rule: { kind: "text", min: 1, max: 40, others: "-" },
			text: "The id of your own instance, from the console. The instance's hosts replace the region's.",
			blank: true,
			of: "product",
			question: { text: "Id of your own instance (empty: none)", option: "instance" },
		},
		// With an instance, the region only selects the HTTPS registration server.
		region: region(
			["cn-shanghai", "cn-beijing", "ap-southeast-1", "ap-northeast-1", "us-west-1", "us-east-1", "eu-central-1"],
			{
				...{ shanghai: "cn-shanghai", china: "cn-shanghai", cn: "cn-shanghai", beijing: "cn-beijing" },
				...{ singapore: "ap-southeast-1", japan: "ap-northeast-1", tokyo: "ap-northeast-1" },
				...{ virginia: "us-east-1", germany: "eu-central-1", frankfurt: "eu-central-1", europe: "eu-central-1" },
			},
			{
				unless: "instanceId",
			},
		),
		deviceName: deviceName(4, 32, "_@.:-"),
		registrationTransport: {
			rule: { kind: "choice", of: ["mqtt", "https"] },
			text: "How to register. `https` is for `authType` `register` only.",
			default: "mqtt",
			of: "product",
			factory: "transport",
			former: "via",
			conflict: "is https, but the platform has no registration over HTTPS for authType regnwl. Expected mqtt",
		},
		signMethod: {
			rule: { kind: "choice", of: ["hmacsha256", "hmacsha1", "hmacmd5"] },
			text: "The HMAC of registration and of sessions.",
			default: "hmacsha256",
			of: "product",
		},
		"endpoints.register": {
			rule: {
				kind: "endpoint",
				scheme: "mqtts",
				or: { scheme: "https", key: "registrationTransport", value: "https" },
			},
			text: "The registration server.",
			defaultText: "`endpoints.mqtt`; with `registrationTransport` `https`: the platform's in the region",
			factory: "register",
			conflict: "has no TLS, but the platform accepts registrations over MQTT with TLS only. Expected mqtts://",
		},
		"endpoints.mqtt": {
			rule: { kind: "endpoint", scheme: "mqtts" },
			text: "The MQTT broker.",
			defaultText: "the product's in the region, or the instance's",
			factory: "mqtt",
			conflict: "has no TLS, but a device must not send its token in plain text. Expected mqtts://",
		},
		keepAlive: keepAlive(30, 1200),
	},
} as const satisfies CloudSchema;
