/** Azure's refusals as sentences. Desktop only: no image links this. */

import { busy, type CloudMessages, refusal, retries } from "../../messages/entry.js";

const keys =
	"Compare idScope and deviceKey with the enrollment in the portal. dynreg factory derives the keys of an enrollment group's devices.";
const enrollment = "Check the enrollment in the portal: its allocation policy and its hubs.";

export const messages: CloudMessages = {
	"bad-product-secret": {
		"": [`${refusal}: the enrollment does not exist, or the key or the device's clock is wrong.`, keys],
	},
	"registration-refused": {
		"": [
			`${refusal}: the meaning of this number is unknown.`,
			`Check in the portal that the enrollment exists and is enabled. ${keys}`,
		],
		disabled: [`${refusal}: the enrollment is disabled.`, "Enable the enrollment in the portal."],
		failed: [`${refusal}: no hub was assigned.`, enrollment],
		unassigned: [`${refusal}: no hub was assigned.`, enrollment],
		assigning: [`${refusal}: the platform took too long to assign a hub. ${busy}`, retries],
	},
	"credential-refused": {
		"": [
			"The credential in flash names no hub. Another version of the firmware has stored it.",
			"The device registers again by itself.",
		],
	},
	"broker-unavailable": {
		"": [`${refusal}: the provisioning service is unavailable.`, retries],
	},
	"mqtt-refused": {
		"": [`${refusal}: the provisioning service does not support MQTT 3.1.1.`, "Check endpoints.register."],
	},
};
