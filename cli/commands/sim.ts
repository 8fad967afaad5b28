import { followExitCodes, followOptions } from "../boards/follow-options.js";
import { defineCommand } from "../command-line/command.js";
import { date, flag, text, type Values } from "../command-line/option.js";
import { defaultConfigurationFile } from "../configuration/default-file.js";
import { certsOption } from "../sdk/certs-option.js";

const argument = {
	folder: text("folder", "the application's, with its manifest.json", { otherwise: "this folder" }),
};

const options = {
	config: text("FILE", "the board's configuration", { otherwise: `${defaultConfigurationFile} in the folder` }),
	store: text("FOLDER", "the board's flash; it holds the device's secret", {
		otherwise: ".dynreg/sim in the folder, so that it is kept",
	}),
	certs: certsOption,
	erase: flag("begin with empty flash"),
	clock: date("the board's clock at power-up, ISO 8601, such as 1970-01-01 or 2099-12-31T23:59:59Z", {
		otherwise: "the computer's clock",
	}),
	window: flag("show the simulator's window on your display"),
	...followOptions,
};

export type SimOptions = Values<typeof argument & typeof options>;

export const command = defineCommand({
	argument,
	options,
	notes: [
		"Needs the Moddable SDK on Linux; dynreg doctor --for sim says what is missing. The timeout does not count the build. Only dynreg's own application reports the event message.",
	],
	exitCodes: { ...followExitCodes, 1: "the application cannot be built, or the configuration is wrong" },
	async run(values) {
		const { simulate } = await import("../boards/simulate.js");
		return simulate(values);
	},
});
