/**
 * What each error means, in words: sentences, `dynreg explain` and docs/errors.md come from here.
 *
 * For the desk: no image links this.
 */

import type { Code } from "../contracts/error.js";
import { connectionMessages } from "./connection.js";
import { type Entry, refusal } from "./entry.js";
import { registrationMessages } from "./registration.js";

const flash = "flash";
const broker = "the broker";
const firmware = "the firmware";

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
	...connectionMessages,
	...registrationMessages,
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
