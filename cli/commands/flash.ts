import { defineCommand } from "../command-line/command.js";
import { flag, parsed, text, type Values } from "../command-line/option.js";
import { certsOption } from "../sdk/certs-option.js";
import { readPlatform } from "../sdk/platform.js";

const argument = {
	folder: text("folder", "of the application's manifest.json", { otherwise: "dynreg's own application" }),
};

const options = {
	platform: parsed("NAME", "esp32, esp8266, or esp32/SUBPLATFORM as the SDK names it", readPlatform, {
		required: "it is esp32 or esp8266",
	}),
	port: text("DEVICE", "where the board is attached, such as /dev/ttyUSB0", { otherwise: "the only one there is" }),
	config: text("FILE", "the board's configuration, as for dynreg board"),
	certs: certsOption,
	factory: flag(
		"leave the product out of the image: each board then reads its own from its factory partition (dynreg factory)",
	),
	ssid: text("NAME", "the Wi-Fi network", { otherwise: "the configuration's, or you are asked" }),
	"wifi-password-file": text("FILE", "holds the network's password", {
		otherwise: "the configuration's, or you are asked",
	}),
	release: flag("without debugger: smaller, faster, and silent"),
	"no-log": flag("do not stay and show the board's log"),
	"dry-run": flag("print what would be done, without secrets"),
};

export type FlashOptions = Values<typeof argument & typeof options>;

export const command = defineCommand({
	argument,
	options,
	notes: [
		"Secrets go into a file of your own (mode 0600) in .dynreg/flash, beside the application or in this folder, and into the image; never onto a command line. git ignores .dynreg.",
	],
	exitCodes: { 0: "the board has been written to", 1: "it has not" },
	async run(values) {
		const { flash } = await import("../flash/flash.js");
		return flash(values);
	},
});
