/** The keys of a configuration for AWS IoT Core. Desktop only: no image links this. */

import { type CloudSchema, deviceName, type Key, keepAlive } from "../../configuration/schema.js";

const pem = "PEM text in both claimCertificate and claimKey: a certificate, and an unencrypted RSA key";

function topic(text: string, otherwise: string): Key {
	return {
		rule: { kind: "text", min: 1, max: 128, others: "{}/$:._-" },
		text: `${text} \`{thingName}\` stands for the thing's name.`,
		default: otherwise,
		of: "product",
	};
}

export const awsSchema = {
	title: "AWS IoT Core",
	keys: {
		templateName: {
			rule: { kind: "text", min: 1, max: 36, others: "_-" },
			text: "The name of the provisioning template.",
			required: true,
			of: "product",
			question: { text: "Name of the provisioning template", option: "template" },
		},
		claimCertificate: {
			rule: { kind: "words", words: pem },
			text: "The claim certificate, shared by all devices: PEM text, or on a desktop a file. A device with a credential does not need it.",
			blank: true,
			of: "product",
			factory: "claimCert",
			secret: true,
			needed: "A device without a credential registers with the claim certificate",
		},
		claimKey: {
			rule: { kind: "words", words: pem },
			text: "The RSA key of `claimCertificate`.",
			blank: true,
			of: "product",
			secret: true,
		},
		endpointPrefix: {
			rule: { kind: "text", min: 1, max: 40, others: "-" },
			text: "The part of the account's data endpoint before `-ats.iot.`, from the console. Unnecessary with `endpoints.mqtt`.",
			required: true,
			unless: "endpoints.mqtt",
			of: "product",
			question: { text: "Data endpoint: the part before -ats.iot.", option: "endpoint-prefix" },
		},
		region: {
			rule: { kind: "text", min: 1, max: 20, others: "-" },
			text: "The endpoint's region. In China, set `endpoints.mqtt`.",
			default: "us-east-1",
			of: "product",
			question: { text: "Region (empty: us-east-1)", option: "region" },
		},
		deviceName: deviceName(1, 128, ":_-"),
		templateParameters: {
			rule: { kind: "words", words: "Name=value, several separated by commas" },
			text: "Parameters of the template besides `SerialNumber`, which is the device name: `Location=Seattle,Batch=7`.",
			blank: true,
			of: "product",
			factory: "parameters",
		},
		controlTopic: topic("The topic of commands to the device.", "{thingName}/control"),
		eventTopic: topic("The topic of events from the device.", "{thingName}/event"),
		"endpoints.mqtt": {
			rule: { kind: "endpoint", scheme: "mqtts" },
			text: "The MQTT broker, for registration and sessions.",
			defaultText: "the account's data endpoint, from `endpointPrefix` and `region`",
			factory: "mqtt",
			conflict: "has no TLS, but a device with a certificate authenticates by TLS. Expected mqtts://",
		},
		keepAlive: keepAlive(30, 1200),
	},
} as const satisfies CloudSchema;
