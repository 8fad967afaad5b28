/** Refused and malformed registrations, in words. For the desk: no image links this. */

import type { Code } from "../contracts/error.js";
import { type Entry, refusal } from "./entry.js";

const registration = "registration";
const aliyunKeys = "productKey and productSecret with the product's page in the console";
const aliyunName = "that deviceName is created in the console, or the product is registration-free (authType regnwl)";
const busy = "The platform is overloaded or limits the rate; the board tries again by itself.";
const response = "The registration endpoint's answer";

/** What a registration endpoint, or somebody in its place, can say. */
export const registrationMessages = {
	"bad-product-secret": {
		where: registration,
		messages: {
			tencent: [
				"The platform refused the registration: REFUSAL.",
				"Compare productId and productSecret with the product's page in the console.",
			],
			"aliyun 4": [
				`${refusal}: user name or signature is wrong.`,
				`Compare ${aliyunKeys}; if they are right, check ${aliyunName}, and whether it has been online before (then reset it).`,
			],
			"aliyun 401": [`${refusal}: the signature is wrong.`, `Compare ${aliyunKeys}.`],
		},
	},
	"bad-timestamp": {
		where: registration,
		messages: {
			"": [
				"The platform refused the registration: REFUSAL.",
				"The board's clock is wrong; check that it can reach a time server.",
			],
		},
	},
	"already-activated": {
		where: registration,
		messages: {
			tencent: [
				"The platform refused the registration: REFUSAL.",
				"Reset or delete the device in the console, then it can register again.",
			],
			aliyun: [
				`${refusal}: the device has been online before.`,
				"Reset or delete it in the console, then it can register again.",
			],
		},
		note: "The name has been online before, with a secret that this board does not have (Tencent 1021; Alibaba 6289).",
	},
	"registration-refused": {
		where: registration,
		messages: {
			tencent: [
				"The platform refused the registration: REFUSAL.",
				"Check in the console that dynamic registration is on, that the device name is created or automatic creation is allowed, and that the limit of devices is not reached.",
			],
			"tencent InternalError": ["The platform refused the registration: REFUSAL.", busy],
			"tencent RequestLimitExceeded": ["The platform refused the registration: REFUSAL.", busy],
			"aliyun 2": [
				`${refusal}: it does not understand the parameters, or not on this connection.`,
				"Check authType, instanceId and endpoints.register.",
			],
			"aliyun 5": [
				`${refusal}: this device may not register.`,
				`Check in the console that dynamic registration is on and ${aliyunName}; if it has been online before, reset it there.`,
			],
			"aliyun 460": [`${refusal}: a parameter is wrong.`, `Compare ${aliyunKeys}.`],
			"aliyun 6100": [`${refusal}: there is no such device.`, `Check ${aliyunName}.`],
			"aliyun 6250": [`${refusal}: there is no such product.`, `Compare ${aliyunKeys}, and check region.`],
			"aliyun 6280": [`${refusal}: the device name breaks the platform's rule.`, "Choose another deviceName."],
			aliyun: [
				`${refusal}: no reason is known for this number.`,
				"Check in the console that dynamic registration is on, and the device's state.",
			],
		},
	},
	"http-status": {
		where: registration,
		messages: {
			"": [
				"The registration endpoint answered HTTP NUMBER instead of 200; check endpoints.register, and that no proxy or log-in page stands in between.",
			],
			"429": ["The registration endpoint is overloaded (HTTP 429)."],
			"503": ["The registration endpoint is overloaded (HTTP 503)."],
		},
	},
	"bad-answer": {
		where: registration,
		messages: {
			server: ["What SERVER answers is not the protocol expected.", "Check the endpoint's scheme and port."],
			"not-json": [`${response} is not JSON; if this network shows a log-in page, the board cannot get past it.`],
			"not-object": [`${response} is not a JSON object.`],
			"no-payload": [`${response} has neither Payload nor Error.`],
			"other-device": [`${response} is for another device than this one.`],
			invalid: [`${response} holds no valid KEY.`],
			"no-certificate": [`${response} holds no valid certificate and key.`],
			"not-base64": [`${response} has a payload that is not base64.`],
			"block-size": [`${response} has a payload of NUMBER bytes, not a multiple of 16.`],
			"not-decrypted": [`${response} does not decrypt with this product's secret.`],
			length: [`${response} says VALUE bytes of plain text, but has NUMBER, padding included.`],
			"encryption-type": [`${response} has encryptionType VALUE, which nobody knows.`],
		},
		note: "If it does not decrypt, productSecret is another product's. Otherwise check endpoints.register: no proxy or log-in page may stand in between.",
	},
	"answer-too-large": {
		where: registration,
		messages: {
			"": [
				"The answer of SERVER is longer than any right one.",
				"It is probably not the server meant: check the endpoint.",
			],
		},
	},
} satisfies Partial<Record<Code, Entry>>;
