/** Refused and malformed registrations as sentences. Desktop only: no image links this. */

import type { Code } from "../contracts/error.js";
import { type Entry, retries } from "./entry.js";

const registration = "registration";
const response = "The registration endpoint's response";
const endpoint = "Check endpoints.register.";

/** What a registration endpoint, or a server in its place, can respond. */
export const registrationMessages = {
	// The platforms' refusals: each cloud has its own messages.
	"bad-product-secret": { where: registration, messages: {} },
	"bad-timestamp": { where: registration, messages: {} },
	"already-activated": {
		where: registration,
		messages: {},
		note: "The device was online with a secret that this board does not have.",
	},
	"registration-refused": { where: registration, messages: {} },
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
