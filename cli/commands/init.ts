import { defineCommand } from "../command-line/command.js";
import { flag, text, type Values } from "../command-line/option.js";
import { UsageError } from "../command-line/usage-error.js";
import { defaultConfigurationFile } from "../configuration/default-file.js";
import { answerOptions } from "../init/answer-options.js";
import { defaultAdmin } from "../init/local-cloud.js";

const argument = {
	folder: text("folder", "make this folder, with a small application in it", {
		otherwise: "this folder, and the configuration only",
	}),
};

const options = {
	app: flag("the application, too, in this folder"),
	...answerOptions,
	"product-secret-file": text("FILE", "holds the product's secret; - is the standard input"),
	local: flag("for a dynreg cloud that runs: makes a product there, with a new secret; needs no other answers"),
	admin: text("URL", "the administration of that cloud", {
		otherwise: `the variable DYNREG_ADMIN, or ${defaultAdmin}`,
	}),
	force: flag("overwrite files that are there with other contents"),
};

export type InitOptions = Values<typeof argument & typeof options>;

export const command = defineCommand({
	argument,
	options,
	notes: [
		"Asks for what is not given, if there is a terminal; without one, each answer that has a default takes it. The secret is never an argument, since other users and the shell's history see those: you are asked for it without showing it, or it comes from a file or from the variable DYNREG_PRODUCT_SECRET.",
		`Writes ${defaultConfigurationFile}; the product's secret goes to .dynreg/, which only you can read and git ignores.`,
	],
	exitCodes: {
		0: "the files are written",
		1: "nothing has been written",
		130: "interrupted: nothing has been written",
	},
	validate({ admin, local }) {
		if (admin !== undefined && !local) throw new UsageError("--admin says where a local cloud is: it needs --local");
	},
	async run(values) {
		const { init } = await import("../init/init.js");
		return init(values);
	},
});
