/** Alibaba's refusals as sentences. Desktop only: no image links this. */

import { busy, type CloudMessages, refusal, retries } from "../../messages/entry.js";

const keys = "Compare productKey and productSecret with the product's page in the console.";
const name =
	"Check that deviceName is created in the console, or that the product is registration-free (authType regnwl).";
const reset = "If the device has been online before, reset the device in the console.";

export const messages: CloudMessages = {
	"bad-product-secret": {
		4: [`${refusal}: the user name or the signature is wrong.`, `${keys} ${name} ${reset}`],
		401: [`${refusal}: the signature is wrong.`, keys],
	},
	"already-activated": {
		"": [
			`${refusal}: the device has been online before.`,
			"Reset or delete the device in the console. The device can then register again.",
		],
	},
	"registration-refused": {
		"": [
			`${refusal}: the meaning of this number is unknown.`,
			"Check in the console that dynamic registration is on, and check the device's state.",
		],
		2: [
			`${refusal}: the parameters are invalid, or not allowed on this connection.`,
			"Check authType, instanceId and endpoints.register.",
		],
		5: [
			`${refusal}: this device may not register.`,
			`Check in the console that dynamic registration is on. ${name} ${reset}`,
		],
		429: [`${refusal}. ${busy}`, retries],
		500: [`${refusal}. ${busy}`, retries],
		503: [`${refusal}. ${busy}`, retries],
		460: [`${refusal}: a parameter is invalid.`, keys],
		6100: [`${refusal}: the device does not exist.`, name],
		6250: [`${refusal}: the product does not exist.`, `${keys} Check region.`],
		6280: [`${refusal}: the device name is invalid.`, "Choose another deviceName."],
	},
	"broker-unavailable": {
		"": [`${refusal}: the broker is unavailable.`, retries],
	},
	"mqtt-refused": {
		"": [`${refusal}: the broker does not support MQTT 3.1.1.`, "Check endpoints.register."],
	},
};
