/** Volcengine's refusals as sentences. Desktop only: no image links this. */

import { busy, type CloudMessages, refusal, retries } from "../../messages/entry.js";

const keys = "Compare productKey, productSecret and instanceId with the console.";
const name =
	"Check that deviceName is created in the console, or that the product takes any name (authType no-pre-registration).";
const licence = "Check the instance's licences in the console.";

export const messages: CloudMessages = {
	"bad-product-secret": {
		"": [`${refusal}: the signature is wrong.`, keys],
	},
	"registration-refused": {
		"": [
			`${refusal}: the meaning of this number is unknown.`,
			"Check in the console that dynamic registration is on, and check the device's state.",
		],
		10000010: [`${refusal}. ${busy}`, retries],
		10000030: [
			`${refusal}: a parameter is invalid. The platform does not always name the parameter.`,
			`${keys} Check that the device has the right time.`,
		],
		10000050: [`${refusal}: the product, the instance or the device does not exist.`, `${keys} ${name}`],
		12000130: [`${refusal}: no licence is left for another device.`, licence],
		12000140: [`${refusal}: the licence has expired.`, licence],
	},
};
