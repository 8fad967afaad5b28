import { defineCommand } from "../command-line/command.js";
import { customOption, flagOption, textOption, type Values } from "../command-line/option.js";
import { certsOption } from "../sdk/certs-option.js";
import { readPlatform } from "../sdk/platform.js";
import { useTemporaryFolder } from "../state/temporary-folder.js";

const argument = {
	folder: textOption("folder", "the folder of the application's manifest.json", {
		otherwise: "dynreg's own application",
	}),
};

const options = {
	platform: customOption(
		"NAME",
		"esp32, esp8266, or esp32/SUBPLATFORM as the SDK names it",
		(value, name) => readPlatform(value, name),
		{ required: "esp32 or esp8266" },
	),
	port: textOption("DEVICE", "the board's serial port, such as /dev/ttyUSB0", { otherwise: "the only port" }),
	config: textOption("FILE", "the board's configuration, as for dynreg board"),
	certs: certsOption,
	factory: flagOption(
		"leave the product out of the image; each board reads its product from its factory partition (dynreg factory)",
	),
	ssid: textOption("NAME", "the Wi-Fi network", { otherwise: "the configuration's, or a question" }),
	"wifi-password-file": textOption("FILE", "the file with the network's password", {
		otherwise: "the configuration's, or a question",
	}),
	release: flagOption("build without the debugger: smaller, faster, and without a log"),
	"no-log": flagOption("do not show the board's log afterwards"),
	"dry-run": flagOption("print the manifest and the commands without secrets, and change nothing"),
};

export type FlashOptions = Values<typeof argument & typeof options>;

export const command = defineCommand({
	argument,
	options,
	notes: [
		"Secrets go into the image and into a private file (mode 0600) in .dynreg/flash, never onto a command line. The folder .dynreg is beside the application or in the current folder, and git ignores it.",
	],
	exitCodes: { 0: "the image was written to the board", 1: "the image was not written" },
	async run(values) {
		useTemporaryFolder();
		const { flash } = await import("../flash/flash.js");
		return flash(values);
	},
});
