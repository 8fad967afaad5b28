/**
 * What each error means, in words: sentences, `dynreg explain` and docs/errors.md come from here.
 *
 * For the desk: no image links this.
 */

import type { Code } from "../contracts/error.js";

/** What happened, with the likely cause, and what to do. In capitals: values of the failure. */
export type Message = readonly [happened: string, advice?: string];

export interface Entry {
	/** Where on its way a device meets it. */
	readonly where: string;
	/**
	 * By the failure's `reason`, its `cloud` and number, its `cloud`, or its number; `server`: of a connection to one. The
	 * empty key is for every other failure with this code.
	 */
	readonly messages: Readonly<Record<string, Message>>;
	/** What else there is to know. */
	readonly note?: string;
}

const connection = "network, clock, TLS";
const registration = "registration";
const flash = "flash";
const broker = "the broker";
const firmware = "the firmware";

const refusal = "The platform refused the registration (REFUSAL)";
const aliyunKeys = "productKey and productSecret with the product's page in the console";
const aliyunName = "that deviceName is created in the console, or the product is registration-free (authType regnwl)";
const busy = "The platform is overloaded or limits the rate; the board tries again by itself.";
const response = "The registration endpoint's answer";

export const catalogue: Readonly<Record<Code, Entry>> = {
	"bad-configuration": {
		where: "configuration",
		messages: {
			"": [
				"A key of the configuration is missing or breaks its rule. In phase register, network, clock or connect it is one that is needed only then.",
				"The message names the key and the rule, and says so if the value is from the factory partition (docs/factory.md).",
			],
		},
	},
	"no-network": {
		where: connection,
		messages: {
			"": [
				"The Wi-Fi network VALUE cannot be joined.",
				"Check that it is in reach, on 2.4 GHz, and that the password is right.",
			],
		},
	},
	"dns-failed": {
		where: connection,
		messages: {
			"": ["The name HOST is not known.", "Check the endpoint's host name, and this network's DNS."],
		},
	},
	"connect-failed": {
		where: connection,
		messages: {
			"": [
				"Nobody answers at SERVER.",
				"Check the endpoint's port, and whether the server runs and is reachable from here.",
			],
		},
		note: "The platforms need ports 443 and 8883 open.",
	},
	"connection-lost": {
		where: connection,
		messages: {
			"": ["The connection with SERVER broke off.", "The server or the network may be restarting."],
			gone: ["The connection to the broker is gone; the next one comes by itself."],
		},
	},
	timeout: {
		where: connection,
		messages: {
			"": ["SERVER did not answer in time.", "The server or the network may be overloaded."],
		},
	},
	"clock-unknown": {
		where: connection,
		messages: {
			"": [
				"No time server answers (NAMES), and without the time no certificate can be checked.",
				"Check that this network lets UDP port 123 through, or name a time server of its own in sntp.",
			],
			computer: ["This computer's clock is years behind, so no certificate can be checked.", "Set its date."],
		},
	},
	"certificate-expired": {
		where: connection,
		messages: {
			"": [
				"The certificate of SERVER has expired, so nothing was sent.",
				"Renew it at the server; if it is good elsewhere, this device's clock is ahead.",
			],
		},
	},
	"certificate-not-yet-valid": {
		where: connection,
		messages: {
			"": [
				"The certificate of SERVER is not valid yet, so nothing was sent.",
				"Check this device's clock first, then the certificate.",
			],
		},
	},
	"certificate-wrong-name": {
		where: connection,
		messages: {
			"": [
				"The certificate of SERVER is for another name, so nothing was sent.",
				"Give the endpoint by a name in the certificate.",
			],
		},
		note: "A log-in page or a proxy may answer in the server's place.",
	},
	"certificate-untrusted": {
		where: connection,
		messages: {
			"": [
				"The certificate of SERVER is not from an authority trusted here, so nothing was sent.",
				"Check ca and the endpoint.",
			],
			"no-authority": [
				"The certificate authority in ca cannot be read (NAMES), so no server can be trusted.",
				"Check its name.",
			],
		},
		note: "An intercepting proxy looks like this too.",
	},
	"certificate-incomplete": {
		where: connection,
		messages: {
			"": [
				"The certificates of SERVER lead to no authority trusted here, so nothing was sent.",
				"Let the server send those in between as well, or add its authority to ca.",
			],
		},
	},
	"certificate-weak": {
		where: connection,
		messages: {
			"": [
				"A certificate of SERVER is too weak (RSA below 2048 bits, or signed with SHA-1 or MD5), so nothing was sent.",
				"Renew it at the server.",
			],
		},
	},
	"tls-failed": {
		where: connection,
		messages: {
			"": [
				"No TLS connection with SERVER (boards speak 1.2, desktops 1.2 and newer).",
				"Check that this port speaks TLS, and whether it demands a certificate of the device.",
			],
			"own-certificate": [
				"This device's own certificate cannot be used, so nothing was sent: it takes an RSA key, and the private key that belongs to it.",
				"Have the platform issue another.",
			],
		},
		note: "The server must offer TLS 1.2 with ECDHE, AES-128-GCM and P-256.",
	},
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
	"storage-failed": {
		where: flash,
		messages: {
			"": ["The flash cannot be used.", "If this repeats, erase the flash."],
			read: [
				"The flash cannot be read (SAID).",
				"It may be worn out, full, or hold other data than the image expects.",
			],
			write: [
				"The flash cannot be written (SAID).",
				"It may be worn out, full, or hold other data than the image expects.",
			],
			full: [
				"The flash cannot be written (KEY has no room beside what it holds already).",
				"Erase the flash, unless it holds what is still needed.",
			],
			"too-long": [
				"The flash cannot be written (KEY has NUMBER bytes, more than one key holds).",
				"That is a defect of the firmware: report it.",
			],
			"key-invalid": [
				'The flash cannot be written ("KEY" is no key: 1 to 15 characters of a-z and 0-9).',
				"That is a defect of the firmware: report it.",
			],
			"newer-format": [
				"Flash holds the credential in a format that a newer firmware wrote; it is kept.",
				"Flash that firmware again.",
			],
			"other-device": [
				"Flash holds the credential of VALUE where this device's belongs; it is kept.",
				"Erase the flash, or choose another device name.",
			],
			"file-invalid": [
				"Cannot read VALUE as a board's flash.",
				"Name another file, or delete this one for an empty board.",
			],
			"file-not-written": ["Cannot write VALUE.", "Check that its folder exists and may be written to, and has room."],
			"folder-missing": ["There is no folder VALUE to keep the board's flash in."],
		},
	},
	"storage-too-small": {
		where: flash,
		messages: {
			"": [
				"This board's flash takes values of NUMBER bytes, and a certificate with its key needs thousands.",
				"Use a product that authenticates by key, or a board with more flash for values, such as an ESP32.",
			],
		},
	},
	"storage-mismatch": {
		where: flash,
		messages: {
			"": [
				"Flash did not keep what was written to it; nothing was lost.",
				"If this repeats, the flash is worn out or full: erase it.",
			],
			"not-erased": ["Flash still holds what was erased: it is worn out."],
		},
		note: "If erasing does not help, replace the board.",
	},
	"credential-refused": {
		where: broker,
		messages: {
			"": [
				"The broker refused this device's credential (CONNACK NUMBER): it was changed, reset or deleted in the cloud, or belongs to another product.",
			],
			server: [
				"SERVER does not take this device's certificate: it was revoked, has expired, or another authority has issued it.",
			],
		},
		note: "A new credential is replaced at once, an active one after ten refusals. See whether it was changed in the console.",
	},
	"broker-unavailable": {
		where: broker,
		messages: {
			"": ["The broker is unavailable (CONNACK NUMBER)."],
			aliyun: [`${refusal}: the broker is unavailable.`, "The board tries again by itself."],
		},
	},
	"mqtt-refused": {
		where: broker,
		messages: {
			"": ["The broker refused the connection (CONNACK NUMBER): check endpoints.mqtt."],
			aliyun: [`${refusal}: the broker does not speak MQTT 3.1.1.`, "Check endpoints.register."],
		},
	},
	ordered: {
		where: firmware,
		messages: { "": ["Somebody at the board has asked for something else."] },
		note: "The session ends for it (docs/on-the-board.md).",
	},
	unexpected: {
		where: firmware,
		messages: { "": ["Unexpected: SAID"] },
		note: "A defect, of the firmware or of your application. The board goes on. Report it if it is not yours.",
	},
};
