/** Refused and malformed registrations as sentences. Desktop only: no image links this. */

import type { Code } from "../contracts/error.js";
import { type Entry, refusal } from "./entry.js";

const registration = "registration";
const tencentRefusal = "The platform refused the registration: REFUSAL.";
const aliyunKeys = "Compare productKey and productSecret with the product's page in the console.";
const aliyunName =
	"Check that deviceName is created in the console, or that the product is registration-free (authType regnwl).";
const aliyunReset = "If the device has been online before, reset the device in the console.";
const busy = "The platform is overloaded or limits the request rate.";
const retries = "The device retries by itself.";
const response = "The registration endpoint's response";
const endpoint = "Check endpoints.register.";

/** What a registration endpoint, or a server in its place, can respond. */
export const registrationMessages = {
	"bad-product-secret": {
		where: registration,
		messages: {
			tencent: [
				`${tencentRefusal} productId or productSecret is probably wrong.`,
				"Compare productId and productSecret with the product's page in the console.",
			],
			"aliyun 4": [
				`${refusal}: the user name or the signature is wrong.`,
				`${aliyunKeys} ${aliyunName} ${aliyunReset}`,
			],
			"aliyun 401": [`${refusal}: the signature is wrong.`, aliyunKeys],
		},
	},
	"bad-timestamp": {
		where: registration,
		messages: {
			"": [
				`${tencentRefusal} The device's clock is wrong.`,
				"Check that the device can reach a time server (UDP port 123).",
			],
		},
	},
	"already-activated": {
		where: registration,
		messages: {
			tencent: [
				`${tencentRefusal} The device has been online before.`,
				"Reset or delete the device in the console. The device can then register again.",
			],
			aliyun: [
				`${refusal}: the device has been online before.`,
				"Reset or delete the device in the console. The device can then register again.",
			],
		},
		note: "The device was online with a secret that this board does not have (Tencent 1021; Alibaba 6289).",
	},
	"registration-refused": {
		where: registration,
		messages: {
			tencent: [
				`${tencentRefusal} Likely causes: dynamic registration is off, no such device name, or the device limit is reached.`,
				"Check the product in the console: dynamic registration, device names or automatic creation, and the device limit.",
			],
			"tencent InternalError": [`${tencentRefusal} ${busy}`, retries],
			"tencent RequestLimitExceeded": [`${tencentRefusal} ${busy}`, retries],
			"aliyun 2": [
				`${refusal}: the parameters are invalid, or not allowed on this connection.`,
				"Check authType, instanceId and endpoints.register.",
			],
			"aliyun 5": [
				`${refusal}: this device may not register.`,
				`Check in the console that dynamic registration is on. ${aliyunName} ${aliyunReset}`,
			],
			"aliyun 429": [`${refusal}. ${busy}`, retries],
			"aliyun 500": [`${refusal}. ${busy}`, retries],
			"aliyun 503": [`${refusal}. ${busy}`, retries],
			"aliyun 460": [`${refusal}: a parameter is invalid.`, aliyunKeys],
			"aliyun 6100": [`${refusal}: the device does not exist.`, aliyunName],
			"aliyun 6250": [`${refusal}: the product does not exist.`, `${aliyunKeys} Check region.`],
			"aliyun 6280": [`${refusal}: the device name is invalid.`, "Choose another deviceName."],
			aliyun: [
				`${refusal}: the meaning of this number is unknown.`,
				"Check in the console that dynamic registration is on, and check the device's state.",
			],
		},
	},
	"http-status": {
		where: registration,
		messages: {
			"": [
				"The registration endpoint responded with HTTP NUMBER. Expected 200.",
				"Check endpoints.register, and that no proxy or log-in page responds in the server's place.",
			],
			"429": ["The registration endpoint is overloaded (HTTP 429).", retries],
			"503": ["The registration endpoint is overloaded (HTTP 503).", retries],
		},
	},
	"bad-answer": {
		where: registration,
		messages: {
			server: [
				"SERVER sent a malformed response, or uses another protocol than expected.",
				"Check the endpoint's scheme and port.",
			],
			"not-json": [
				`${response} is not JSON. A log-in page or a proxy may have responded.`,
				"Check endpoints.register. A board cannot get past a log-in page: use another network.",
			],
			"not-object": [`${response} is not a JSON object.`, endpoint],
			"no-payload": [`${response} holds neither Payload nor Error.`, endpoint],
			"other-device": [`${response} is for another device.`, endpoint],
			invalid: [`${response} holds no valid KEY.`, endpoint],
			"no-number": [`${response} holds KEY of type VALUE. Expected a number.`, endpoint],
			"no-string": [`${response} holds KEY of type VALUE. Expected a string.`, endpoint],
			"no-object": [`${response} holds KEY of type VALUE. Expected an object.`, endpoint],
			"no-certificate": [`${response} holds no valid certificate and private key.`, endpoint],
			unsupported: [
				`${response} holds a certificate that is not for RSA, the only kind that a board can use.`,
				"Use a product that authenticates by key, or whose certificates are for RSA.",
			],
			weak: [
				`${response} holds a certificate that is too weak. Expected RSA with 2048 bits or more, and no SHA-1 or MD5.`,
				"Use a product that authenticates by key, or whose certificates are for RSA with 2048 bits or more.",
			],
			expired: [
				`${response} holds a certificate that has expired.`,
				"Check this device's clock first, then endpoints.register.",
			],
			mismatched: [
				`${response} holds a private key that is not its first certificate's.`,
				`${endpoint} The device registers again by itself.`,
			],
			"not-base64": [`${response} holds a payload that is not base64.`, endpoint],
			"block-size": [`${response} holds a payload of NUMBER bytes. Expected a multiple of 16.`, endpoint],
			"not-decrypted": [
				`${response} cannot be decrypted with productSecret.`,
				"Compare productSecret with the product's page in the console. Check endpoints.register.",
			],
			length: [`${response} announces VALUE bytes of plain text, but holds NUMBER with padding.`, endpoint],
			"encryption-type": [`${response} has the unknown encryptionType VALUE. Expected 1 or 2.`, endpoint],
		},
		note: "A proxy or a log-in page may respond in the server's place.",
	},
	"answer-too-large": {
		where: registration,
		messages: {
			"": [
				"The response of SERVER is longer than any valid response. The endpoint is probably another server.",
				"Check the endpoint.",
			],
		},
	},
} satisfies Partial<Record<Code, Entry>>;
