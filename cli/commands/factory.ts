import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { crypto } from "@dynreg/node/internal/crypto";
import { configuredDevice } from "dynreg/clouds";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { factoryPartition } from "dynreg/local-control/factory";
import { parseConfigurationFile } from "../configuration/configuration-file.js";
import { countedNames, namesOfAddresses } from "../factory/boards.js";
import { type Artefact, makeBatch } from "../factory/folder.js";
import { type ImportRules, importLists, importRules, plainTemplate, readTemplate } from "../factory/import-list.js";
import { labels, labelsPerSheet } from "../factory/labels.js";
import { folder, partitionFiles, partitionsFiles, partitionValues } from "../factory/partition.js";
import { pdf } from "../factory/pdf.js";
import { svg } from "../factory/svg.js";
import { colour } from "../terminal/colour.js";
import { readChoice, readNumber, readOptions, UsageError } from "../terminal/usage.js";

export const summary = "what a factory needs for a batch: names to import, partitions, labels";

const HELP = `dynreg factory: ${summary}

Usage: dynreg factory --config FILE --out FOLDER --macs FILE [options]
       dynreg factory --config FILE --out FOLDER --boards N --names PATTERN [options]

  --config FILE     the product's configuration, JSON, as for dynreg board, without a
                    deviceName; it holds the product's secret, and is the only place for it
  --out FOLDER      where the files go: a new folder, or one of an interrupted run
  --macs FILE       the boards' MAC addresses, one a line: each board is named after its own
  --boards N        or how many boards; their names are counted, and each gets a partition
  --names PATTERN   with a run of # where the number goes: lamp-######
  --start N         the first number (default: 1)
  --rows N          names in each list to import (default: what the platform's interface
                    takes at a time; 10000 Alibaba Cloud, 100 Tencent Cloud)
  --template FILE   the CSV template that the platform's console offers: its first row is kept
  --labels FORMAT   pdf: one file; svg: one a sheet; none (default: pdf)
  --json            one JSON object instead of sentences
  --help            this text

It makes import/ with lists of device names for the platform's console, nvs/ with what goes into
the boards' factory partition, which holds the product's secret, labels with QR codes, and
summary.json. The same input gives the same files, to the byte; an interrupted run is run again.
docs/factory.md goes through it step by step.
`;

const formats = ["pdf", "svg", "none"] as const;
type Format = (typeof formats)[number];

export async function run(args: string[]): Promise<number> {
	const values = readOptions(args, {
		config: { type: "string" },
		out: { type: "string" },
		macs: { type: "string" },
		boards: { type: "string" },
		names: { type: "string" },
		start: { type: "string" },
		rows: { type: "string" },
		template: { type: "string" },
		labels: { type: "string" },
		json: { type: "boolean" },
		help: { type: "boolean" },
	});
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const { config, out, macs, boards, names: pattern } = values;
	if (config === undefined) throw new UsageError("--config is missing: it names the product's configuration");
	if (out === undefined) throw new UsageError("--out is missing: it names the folder for the files");
	if ((macs === undefined) === (boards === undefined))
		throw new UsageError("give either --macs, a file of addresses, or --boards, a number");
	if ((boards === undefined) !== (pattern === undefined))
		throw new UsageError("--boards and --names go together: how many boards, and what they are called");
	if (values.start !== undefined && boards === undefined) throw new UsageError("--start goes with --boards");
	const format = readChoice("labels", values.labels ?? "pdf", formats);

	const began = performance.now();
	const configuration = readProduct(config);
	const names =
		macs === undefined
			? countedNames(
					configuration,
					pattern as string,
					readNumber("start", values.start ?? "1", 0, 999_999_999),
					readNumber("boards", boards as string, 1, 1_000_000),
				)
			: namesOfAddresses(configuration, read(macs, "the list of addresses"), macs);
	const rules = importRules(configuration);
	for (const [option, value] of Object.entries({ rows: values.rows, template: values.template }))
		if (value !== undefined && rules === undefined)
			throw new UsageError(`--${option} is for lists to import, and ${free}`);
	const rows = readNumber("rows", values.rows ?? String(rules?.rows ?? 1), 1, 1_000_000);
	const header = values.template === undefined ? undefined : read(values.template, "the template");
	const { files, input, left } = plan({
		configuration,
		names,
		each: macs === undefined,
		rules,
		rows,
		header,
		template: values.template,
		format,
		json: values.json ?? false,
	});
	const made = makeBatch(out, input, files, { boards: names.length, first: names[0], last: names.at(-1) });

	const seconds = ((performance.now() - began) / 1000).toFixed(1);
	if (values.json)
		process.stdout.write(`${JSON.stringify({ folder: out, boards: names.length, files: files.length, made })}\n`);
	else
		report({
			out,
			boards: names.length,
			made,
			files,
			each: macs === undefined,
			left,
			isFree: rules === undefined,
			seconds,
		});
	return 0;
}

const free = "a registration-free product has none: its boards may have any name, and nothing is imported";

/** @throws Error unless it is a product that boards can register with */
function readProduct(file: string): RawConfiguration {
	const configuration = parseConfigurationFile(file);
	const wrong = (what: string) => new Error(`${file} will not do for a factory: ${what}`);
	if (configuration.deviceName !== undefined)
		throw wrong("deviceName names one board, and a batch has many; leave it out");
	if (configuration.dangerouslyAllowPlain)
		throw wrong("dangerouslyAllowPlain is for tests, and no factory partition can allow it; leave it out");
	if (!configuration.productSecret) throw wrong("productSecret is missing, and no board can register without it");
	if (configuration.clientCertificate !== undefined || configuration.clientKey !== undefined)
		throw wrong("clientCertificate and clientKey are one board's own; leave them out");
	return configuration;
}

interface Plan {
	readonly configuration: RawConfiguration;
	readonly names: readonly string[];
	/** Each board has a partition of its own. */
	readonly each: boolean;
	readonly rules: ImportRules | undefined;
	readonly rows: number;
	readonly header: string | undefined;
	readonly template: string | undefined;
	readonly format: Format;
	readonly json: boolean;
}

function plan({ configuration, names, each, rules, rows, header, template, format, json }: Plan) {
	const { values, left } = partitionValues(configuration);
	const [cloud = "", product = ""] = configuredDevice(
		{ ...configuration, deviceName: names[0] },
		crypto,
		undefined,
	).identity.split("/");
	// The first: a batch whose secret differs is known from it.
	const files: Artefact[] = each ? partitionsFiles(values, names) : partitionFiles(values);
	const first =
		rules && (header === undefined ? plainTemplate(rules.header) : readTemplate(header, template as string));
	if (first) files.push(...importLists(names, first, rows));
	files.push(...labelFiles(names, cloud, product, format, json));
	const input = {
		version: 1,
		cloud,
		product,
		partition: each ? "one a board" : "one for all",
		// The product's secret among them shows as what it is: a `Secret`.
		values: Object.fromEntries(values),
		boards: names.length,
		names: createHash("sha256").update(names.join("\n")).digest("hex"),
		labels: format,
		...(first && { header: first.header, rows }),
	};
	return { files, input, left };
}

function labelFiles(
	names: readonly string[],
	cloud: string,
	product: string,
	format: Format,
	json: boolean,
): Artefact[] {
	const count = Math.ceil(names.length / labelsPerSheet);
	const sheet = (index: number) => labels(names, index * labelsPerSheet, cloud, product);
	if (format === "none") return [];
	if (format === "pdf") {
		const sheets = function* () {
			for (let index = 0; index < count; index++) {
				if (!json && index > 0 && index % 100 === 0) progress(index * labelsPerSheet, names.length);
				yield sheet(index);
			}
		};
		return [{ path: "labels.pdf", secret: false, chunks: () => pdf(sheets(), count) }];
	}
	const digits = String(count).length;
	return Array.from({ length: count }, (_, index) => ({
		path: `labels/sheet-${String(index + 1).padStart(digits, "0")}-of-${count}.svg`,
		secret: false,
		chunks: () => [svg(sheet(index))],
	}));
}

function progress(done: number, all: number): void {
	process.stderr.write(
		colour(process.stderr, "gray", `labels: ${done.toLocaleString("en")} of ${all.toLocaleString("en")}\n`),
	);
}

interface Report {
	readonly out: string;
	readonly boards: number;
	readonly made: number;
	readonly files: readonly Artefact[];
	readonly each: boolean;
	readonly left: readonly string[];
	readonly isFree: boolean;
	readonly seconds: string;
}

function report({ out, boards, made, files, each, left, isFree, seconds }: Report): void {
	const say = (line: string) => process.stdout.write(`${line}\n`);
	const lists = files.filter(({ path }) => path.startsWith("import/")).length;
	const sheets = files.filter(({ path }) => path.startsWith("labels")).length;
	if (isFree) say(`nothing to import: ${free}`);
	else say(`${out}/import: ${counted(lists, "list")} of device names for the platform's console`);
	say(
		each
			? `${out}/${folder}: config.csv and values.csv, from which mfg_gen.py makes a "${factoryPartition}" partition a board`
			: `${out}/${folder}: fctry.csv, of which nvs_partition_gen.py makes the "${factoryPartition}" partition of all boards`,
	);
	say(`${out}/${folder} holds the product's secret: keep it to yourself`);
	if (sheets > 0) say(`${out}: ${counted(Math.ceil(boards / labelsPerSheet), "sheet")} of labels`);
	if (left.length > 0) say(`not in the partition, so they belong in the image: ${left.join(", ")}`);
	const all = `${counted(boards, "board")}, ${counted(files.length, "file")}`;
	const done = colour(process.stdout, "green", made === 0 ? "Already done:" : "Done:");
	say(`${done} ${all}${made === 0 || made === files.length ? "" : `, ${made} of them made now`}, ${seconds} s`);
}

function counted(count: number, what: string): string {
	return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

function read(file: string, what: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		throw new Error(`${what} cannot be read: ${(error as Error).message}`);
	}
}
