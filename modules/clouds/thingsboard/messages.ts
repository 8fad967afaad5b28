/** ThingsBoard's refusals as sentences. Desktop only: no image links this. */

import { type CloudMessages, refusal } from "../../messages/entry.js";

export const messages: CloudMessages = {
	"bad-product-secret": {
		"": [
			`${refusal}: provisionKey or productSecret is wrong, or the device profile does not allow provisioning.`,
			"Compare both with the device profile's page, tab Device provisioning, and check the provision strategy there.",
		],
	},
	"already-activated": {
		"": [
			`${refusal}: the name is taken, was provisioned before, or was not created beforehand.`,
			"If the profile allows new devices, delete the device. If it checks for pre-provisioned devices, create it, or delete its attribute provisionState.",
		],
	},
	"registration-refused": {
		"": [`${refusal}: the meaning of this status is unknown.`, "Check the device profile and the server's log."],
	},
};
