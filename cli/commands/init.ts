import { defineCommand } from "../command-line/command.js";
import { flagOption, textOption, type Values } from "../command-line/option.js";
import { UsageError } from "../command-line/usage-error.js";
import { defaultConfigurationFile } from "../configuration/default-file.js";
import { defaultAdminUrl } from "../init/administration.js";
import { answerOptions } from "../init/answer-options.js";

const argument = {
	folder: textOption("folder", "the folder to make, with a small application", {
		otherwise: "the current folder, and the configuration only",
	}),
};

const options = {
	app: flagOption("also write the application, into the current folder"),
	...answerOptions,
	"product-secret-file": textOption("FILE", "the file with the product's secret; - is the standard input"),
	"claim-certificate": textOption("FILE", "the claim certificate in PEM, where devices register with one"),
	"claim-key": textOption("FILE", "the private key of --claim-certificate in PEM, RSA and not encrypted"),
	local: flagOption("use a running dynreg cloud: make a product there with a new secret; needs no other answers"),
	admin: textOption("URL", "the address of that cloud's administration", {
		otherwise: `the variable DYNREG_ADMIN, or ${defaultAdminUrl}`,
	}),
	force: flagOption("overwrite existing files with other contents"),
};

export type InitOptions = Values<typeof argument & typeof options>;

export const command = defineCommand({
	argument,
	options,
	notes: [
		"At a terminal, asks for missing answers. Without a terminal, missing answers take their defaults. The secret is never an argument, since other users and the shell's history see arguments. The secret is typed without echo, or comes from a file or from the variable DYNREG_PRODUCT_SECRET.",
		`Writes ${defaultConfigurationFile}; the product's secret goes to .dynreg/, which only you can read and git ignores.`,
	],
	exitCodes: {
		0: "the files are written",
		1: "nothing has been written",
		130: "Interrupted: nothing was written.",
	},
	validate({ admin, local }) {
		if (admin !== undefined && !local)
			throw new UsageError("--admin is invalid without --local. Add --local, or leave out --admin.");
	},
	async run(values) {
		const { init } = await import("../init/init.js");
		return init(values);
	},
});
