/**
 * What each error means, in words: sentences, `dynreg explain` and docs/reference/errors.md come from here.
 *
 * Desktop only: no image links this.
 */

import { cloudProfiles } from "../clouds/profiles.js";
import type { Code } from "../contracts/error.js";
import { connectionMessages } from "./connection-messages.js";
import { type CloudMessages, type Entry, type Message, retries } from "./entry.js";
import { registrationMessages } from "./registration-messages.js";

const flash = "flash";
const broker = "the broker";
const firmware = "the firmware";

/** Without what each cloud adds. */
const shared: Readonly<Record<Code, Entry>> = {
	"bad-configuration": {
		where: "configuration",
		messages: {
			"": [
				"A key of the configuration is missing or invalid.",
				"Correct the key that the message names. If the message names a factory partition, see docs/guides/factory.md.",
			],
		},
		note: "In phase network, clock, register or connect, the key is needed for that phase only.",
	},
	...connectionMessages,
	...registrationMessages,
	"storage-failed": {
		where: flash,
		messages: {
			"": ["The flash cannot be used.", "If this repeats, erase the flash."],
			read: [
				"The flash cannot be read (SAID). The flash is worn out, or holds other data than the image expects.",
				"If this repeats, erase the flash.",
			],
			write: [
				"The flash cannot be written (SAID). The flash is full or worn out, or holds other data than the image expects.",
				"If this repeats, erase the flash.",
			],
			full: [
				"The flash cannot be written. The value of KEY does not fit beside the values that are already there.",
				"Erase the flash, unless one of these values is still needed.",
			],
			"too-long": [
				"The flash cannot be written. The value of KEY has NUMBER bytes, more than one key holds.",
				"Report this defect of the firmware.",
			],
			"key-invalid": [
				'The flash cannot be written. The key "KEY" is invalid: expected 1 to 15 characters of a-z and 0-9.',
				"Report this defect of the firmware, unless your application uses the key.",
			],
			"newer-format": [
				"The credential in flash has the format of a newer firmware. The credential is kept.",
				"Flash the newer firmware again.",
			],
			"other-device": [
				"Flash holds the credential of VALUE in this device's place. That credential is kept.",
				"Erase the flash, or choose another device name.",
			],
			"file-invalid": [
				"The file VALUE does not hold a board's flash.",
				"Name another file, or delete this file for an empty flash.",
			],
			"file-not-read": [
				"The file VALUE cannot be read (SAID).",
				"Check the path and its permissions, or name another file.",
			],
			"file-not-written": [
				"The file VALUE cannot be written (SAID).",
				"Check the folder, its permissions and the room on the disk.",
			],
			"folder-missing": [
				"The folder VALUE for the board's flash does not exist.",
				"Make the folder, or name a file in another folder.",
			],
		},
	},
	"storage-too-small": {
		where: flash,
		messages: {
			"": [
				"A certificate does not fit into this board's flash. A value holds NUMBER bytes, and a certificate needs thousands.",
				"Use a product that authenticates by key, or a board such as an ESP32.",
			],
		},
	},
	"storage-mismatch": {
		where: flash,
		messages: {
			"": [
				"Flash did not keep the written value. The earlier values are still there.",
				"If this repeats, the flash is worn out or full: erase the flash.",
			],
			"not-erased": ["Flash still holds the erased value. The flash is worn out.", "Replace the board."],
		},
		note: "If erasing does not help, replace the board.",
	},
	"credential-refused": {
		where: broker,
		messages: {
			"": [
				"The broker refused this device's credential (CONNACK NUMBER). The credential was changed, or the device was reset or deleted.",
				"Check the device in the console, and that the configuration names its product.",
			],
			server: [
				"SERVER refused this device's certificate. The certificate is revoked, expired or from another authority.",
				"Check the device's certificate in the console.",
			],
		},
		note: "The device replaces a new credential at once, and an active credential after ten refusals. After registrations in vain it waits up to eight hours, unless `now` is given at the board.",
	},
	"broker-unavailable": {
		where: broker,
		messages: {
			"": ["The broker is unavailable (CONNACK NUMBER).", retries],
		},
	},
	"mqtt-refused": {
		where: broker,
		messages: {
			"": ["The broker refused the connection (CONNACK NUMBER).", "Check endpoints.mqtt."],
		},
	},
	"subscribe-refused": {
		where: broker,
		messages: {
			"": [
				"The broker refused the subscription to VALUE (SUBACK 128). The session continues without these messages.",
				"Check the topic, the device name in the topic, and the product's topic permissions in the console.",
			],
		},
	},
	"bad-message": {
		where: firmware,
		messages: {
			topic: [
				'The message was not sent. Its topic "VALUE" is empty or contains + or #.',
				"Correct the topic in the application.",
			],
			filter: [
				'The topic filter "VALUE" is invalid. In a filter, + is a whole level, and # is the whole last level.',
				"Correct the filter in the application.",
			],
			"too-large": [
				"The message was not sent. Its packet has NUMBER bytes, more than this device can send.",
				"Send several smaller messages.",
			],
		},
	},
	"queue-full": {
		where: firmware,
		messages: {
			"": [
				"The message was not sent. Too many messages, or too many bytes, wait already.",
				"Await each publish before the next one, or publish less often.",
			],
		},
	},
	ordered: {
		where: firmware,
		messages: {
			"": ["A command at the board ended the session."],
			renewal: [
				"The device ended the session, since its password expires. The device connects at once with another one.",
			],
		},
		note: "The board then carries out the command (docs/guides/on-the-board.md).",
	},
	unexpected: {
		where: firmware,
		messages: { "": ["Unexpected error: SAID"] },
		note: "A defect of the firmware or of your application. The board continues. Report the defect if the firmware has it.",
	},
};

export const catalogue = Object.fromEntries(
	Object.entries(shared).map(([code, entry]) => [
		code,
		{ ...entry, messages: { ...entry.messages, ...cloudMessages(code as Code) } },
	]),
) as Readonly<Record<Code, Entry>>;

/** By the cloud, and the platform's code behind it. */
function cloudMessages(code: Code): Readonly<Record<string, Message>> {
	return Object.fromEntries(
		Object.entries(cloudProfiles).flatMap(([cloud, { messages }]) =>
			Object.entries((messages as CloudMessages)[code] ?? {}).map(
				([number, message]) => [`${cloud} ${number}`.trimEnd(), message] as const,
			),
		),
	);
}
