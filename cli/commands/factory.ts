import { defineCommand } from "../command-line/command.js";
import { choice, flag, number, text, type Values } from "../command-line/option.js";
import { UsageError } from "../command-line/usage-error.js";

const options = {
	config: text(
		"FILE",
		"the product's configuration, JSON, as for dynreg board, without a deviceName; it holds the product's secret, and is the only place for it",
		{ required: "it names the product's configuration" },
	),
	out: text("FOLDER", "where the files go: a new folder, or one of an interrupted run", {
		required: "it names the folder for the files",
	}),
	macs: text("FILE", "the boards' MAC addresses, one a line: each board is named after its own"),
	boards: number("N", 1, 1_000_000, "or how many boards; their names are counted, and each gets a partition"),
	names: text("PATTERN", "with a run of # where the number goes: lamp-######"),
	start: number("N", 0, 999_999_999, "the first number", { default: 1 }),
	rows: number("N", 1, 1_000_000, "names in each list to import", {
		otherwise: "what the platform's interface takes at a time: 10000 Alibaba Cloud, 100 Tencent Cloud",
	}),
	template: text("FILE", "the CSV template that the platform's console offers: its first row is kept"),
	labels: choice("FORMAT", ["pdf", "svg", "none"], "labels: pdf in one file, svg one a sheet", { default: "pdf" }),
	json: flag("print one JSON object instead of sentences"),
};

export type FactoryOptions = Values<typeof options>;

export const command = defineCommand({
	usage: [
		"--config FILE --out FOLDER --macs FILE [options]",
		"--config FILE --out FOLDER --boards N --names PATTERN [options]",
	],
	options,
	notes: [
		"Makes import/ with lists of device names for the platform's console, nvs/ with what goes into the boards' factory partition, which holds the product's secret, labels with QR codes, and summary.json. The same input gives the same files, to the byte; an interrupted run is run again. docs/factory.md explains each step.",
	],
	validate({ macs, boards, names }, given) {
		if ((macs === undefined) === (boards === undefined))
			throw new UsageError("give either --macs, a file of addresses, or --boards, a number");
		if ((boards === undefined) !== (names === undefined))
			throw new UsageError("--boards and --names go together: how many boards, and what they are called");
		if (given.has("start") && boards === undefined) throw new UsageError("--start goes with --boards");
	},
	async run(values) {
		const { prepareBatch } = await import("../factory/prepare-batch.js");
		return prepareBatch(values);
	},
});
