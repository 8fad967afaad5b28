/** Tencent's refusals as sentences. Desktop only: no image links this. */

import { busy, type CloudMessages, refusal, retries } from "../../messages/entry.js";

export const messages: CloudMessages = {
	"bad-product-secret": {
		"": [
			`${refusal}: productId or productSecret is probably wrong.`,
			"Compare productId and productSecret with the product's page in the console.",
		],
	},
	"bad-timestamp": {
		"": [`${refusal}: the device's clock is wrong.`, "Check that the device can reach a time server (UDP port 123)."],
	},
	"already-activated": {
		"": [
			`${refusal}: the device has been online before.`,
			"Reset or delete the device in the console. The device can then register again.",
		],
	},
	"registration-refused": {
		"": [
			`${refusal}. Likely causes: dynamic registration is off, no such device name, or the device limit is reached.`,
			"Check the product in the console: dynamic registration, device names or automatic creation, and the device limit.",
		],
		InternalError: [`${refusal}. ${busy}`, retries],
		RequestLimitExceeded: [`${refusal}. ${busy}`, retries],
	},
};
