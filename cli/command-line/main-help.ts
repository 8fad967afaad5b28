import { commandCatalogue } from "../catalogue.js";
import type { Command } from "./command.js";
import { newHelp } from "./help.js";

/** Prints all commands, none of which is loaded for it. */
export function printMainHelp(): void {
	const help = newHelp("dynreg", "Device registration with IoT clouds, tried out without a cloud account.");
	help.usage("<command> [options]").option("--version", "print the version");
	for (const [name, { summary }] of Object.entries(commandCatalogue)) help.command(name).summary(summary);
	help.addHelpText("after", "\ndynreg <command> --help shows the options of a command.");
	help.outputHelp();
}

/** The names of all commands, or of one command's options: one a line, for a shell's completion. */
export function completionNames(command?: Command): readonly string[] {
	return command === undefined
		? Object.keys(commandCatalogue)
		: [...Object.keys(command.options), "help"].map((option) => `--${option}`);
}
