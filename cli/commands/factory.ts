import { defineCommand } from "../command-line/command.js";
import { choiceOption, flagOption, numberOption, textOption, type Values } from "../command-line/option.js";
import { UsageError } from "../command-line/usage-error.js";
import { importLimits } from "../factory/import-lists.js";

const options = {
	config: textOption("FILE", "the product's configuration, JSON, with the product's secret and without a deviceName", {
		required: "the file of the product's configuration",
	}),
	out: textOption("FOLDER", "the folder for the files: a new folder, or the folder of an interrupted run", {
		required: "the folder for the files",
	}),
	macs: textOption("FILE", "the boards' MAC addresses, one a line; each board has its name from its address"),
	boards: numberOption(
		"N",
		1,
		1_000_000,
		"or the number of boards; their names are numbered, and each board gets a partition",
	),
	names: textOption("PATTERN", "the pattern of the names, with a run of # for the number: lamp-######"),
	start: numberOption("N", 0, 999_999_999, "the first number", { default: 1 }),
	rows: numberOption("N", 1, 1_000_000, "names in each list to import", {
		otherwise: `the platform's limit: ${importLimits}`,
	}),
	template: textOption("FILE", "the CSV template of the platform's console, whose first row is kept"),
	labels: choiceOption("FORMAT", ["pdf", "svg", "none"], "labels: pdf in one file, or svg with one file a sheet", {
		default: "pdf",
	}),
	"setup-labels": flagOption(
		"also labels for set-up mode, with name and password of each board's access point, in a private folder",
	),
	json: flagOption("print one JSON object instead of sentences"),
};

export type FactoryOptions = Values<typeof options>;

export const command = defineCommand({
	usage: [
		"--config FILE --out FOLDER --macs FILE [options]",
		"--config FILE --out FOLDER --boards N --names PATTERN [options]",
	],
	options,
	notes: [
		"Makes import/ with lists of device names for the platform's console, nvs/ with the contents of the factory partitions (including the product's secret), labels with QR codes, and summary.json. The same input gives the same files, byte for byte. Repeat an interrupted run with the same command. docs/guides/factory.md explains each step.",
	],
	validate({ macs, boards, names }, given) {
		if ((macs === undefined) === (boards === undefined))
			throw new UsageError("Expected either --macs, a file of addresses, or --boards, a number.");
		if ((boards === undefined) !== (names === undefined))
			throw new UsageError(
				"--boards and --names need each other. Expected the number of boards and the pattern of their names.",
			);
		if (given.has("start") && boards === undefined)
			throw new UsageError("--start is invalid without --boards. Add --boards, or leave out --start.");
	},
	async run(values) {
		const { prepareBatch } = await import("../factory/prepare-batch.js");
		return prepareBatch(values);
	},
});
