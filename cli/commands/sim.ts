import { followExitCodes, followOptions } from "../boards/follow-options.js";
import { defineCommand } from "../command-line/command.js";
import { dateOption, flagOption, textOption, type Values } from "../command-line/option.js";
import { defaultConfigurationFile } from "../configuration/default-file.js";
import { certsOption } from "../sdk/certs-option.js";
import { useTemporaryFolder } from "../state/temporary-folder.js";

const argument = {
	folder: textOption("folder", "the application's folder, with its manifest.json", { otherwise: "the current folder" }),
};

const options = {
	config: textOption("FILE", "the board's configuration", { otherwise: `${defaultConfigurationFile} in the folder` }),
	store: textOption("FOLDER", "the folder of the board's flash, with the device's secret", {
		otherwise: ".dynreg/sim in the application's folder",
	}),
	certs: certsOption,
	erase: flagOption("start with empty flash"),
	clock: dateOption("the board's clock at power-up, ISO 8601, such as 1970-01-01 or 2099-12-31T23:59:59Z", {
		otherwise: "the computer's clock",
	}),
	window: flagOption("show the simulator's window on your display"),
	...followOptions,
};

export type SimOptions = Values<typeof argument & typeof options>;

export const command = defineCommand({
	argument,
	options,
	notes: [
		"Needs the Moddable SDK on Linux; dynreg doctor --for sim shows missing parts. The timeout does not include the build. Only dynreg's own application reports the event message.",
	],
	exitCodes: { ...followExitCodes, 1: "the application cannot be built, or the configuration is invalid" },
	async run(values) {
		useTemporaryFolder();
		const { runInSimulator } = await import("../boards/run-in-simulator.js");
		return runInSimulator(values);
	},
});
