/** The refusals of AWS as sentences. Desktop only: no image links this. */

import { busy, type CloudMessages, refusal, retries } from "../../messages/entry.js";

const policy = "Check the claim certificate's policy, the template and its provisioning role in the console.";

export const messages: CloudMessages = {
	"registration-refused": {
		"": [
			`${refusal}. Likely causes: the policy of the claim certificate, the template, or its provisioning hook.`,
			policy,
		],
		InvalidCertificateOwnershipToken: [`${refusal}: the ownership token is no longer valid.`, retries],
		InvalidParameters: [
			`${refusal}: the template needs other parameters.`,
			"Compare templateParameters with the template's parameters in the console.",
		],
		ResourceConflictsException: [
			`${refusal}: the thing exists already, and the template's OverrideSettings forbid to change it.`,
			"Set OverrideSettings to REPLACE or MERGE, or delete the thing.",
		],
		403: [`${refusal}: the claim certificate's policy or the provisioning hook forbids it.`, policy],
		429: [`${refusal}. ${busy}`, retries],
		500: [`${refusal}. ${busy}`, retries],
		503: [`${refusal}. ${busy}`, retries],
	},
	"answer-too-large": {
		"": [
			"The response of SERVER is longer than this device takes. An ESP8266 cannot register with AWS IoT.",
			"Use an ESP32. If this is one, check endpoints.mqtt.",
		],
	},
	"storage-too-small": {
		"": [
			"A certificate does not fit into this board's flash, and AWS IoT registers devices with certificates only.",
			"Use an ESP32: an ESP8266 cannot register with AWS IoT.",
		],
	},
	"broker-unavailable": {
		"": [`${refusal}: the broker is unavailable.`, retries],
	},
	"mqtt-refused": {
		"": [`${refusal}: the broker does not support MQTT 3.1.1.`, "Check endpoints.mqtt."],
	},
};
