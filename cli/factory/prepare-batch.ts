import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { UsageError } from "../command-line/usage-error.js";
import type { FactoryOptions } from "../commands/factory.js";
import { configuredDevice } from "../configuration/configured-device.js";
import { colour } from "../terminal/colour.js";
import { reasonOf } from "../terminal/system-message.js";
import { printReport } from "./batch-report.js";
import { countedNames, namesOfAddresses } from "./boards.js";
import { type Artefact, type Input, makeBatch } from "./folder.js";
import {
	importLists,
	importRules,
	nothingToImport,
	plainTemplate,
	readTemplate,
	type Template,
} from "./import-list.js";
import { labelFiles } from "./label-files.js";
import { partitionFiles, partitionsFiles, partitionValues } from "./partition.js";
import { readProduct } from "./product.js";

/** What is made, and what of the configuration stays outside of it. */
export interface Batch {
	readonly names: readonly string[];
	/** Each board has a partition of its own. */
	readonly hasPartitions: boolean;
	/** Boards may have any name: there is nothing to import. */
	readonly isFree: boolean;
	readonly files: readonly Artefact[];
	/** All that decides what is in the files. */
	readonly input: Input;
	/** Keys of the configuration that no partition holds. */
	readonly left: readonly string[];
}

/**
 * Makes what a factory needs for a batch, and reports it.
 *
 * @returns the exit code
 * @throws UsageError or Error that says what is wrong, before anything is written
 */
export function prepareBatch(options: FactoryOptions): number {
	const began = performance.now();
	const { out, json } = options;
	const batch = planBatch(options);
	const { files, input, names } = batch;
	const made = makeBatch(out, input, files, { boards: names.length, first: names[0], last: names.at(-1) });
	if (json)
		process.stdout.write(`${JSON.stringify({ folder: out, boards: names.length, files: files.length, made })}\n`);
	else printReport(out, batch, made, (performance.now() - began) / 1000);
	return 0;
}

function planBatch(options: FactoryOptions): Batch {
	const configuration = readProduct(options.config);
	const hasPartitions = options.macs === undefined;
	const names = namesOf(configuration, options);
	const { values, left } = partitionValues(configuration);
	const { identity } = configuredDevice({ ...configuration, deviceName: names[0] }, undefined);
	const [cloud = "", product = ""] = identity.split("/");
	const lists = listsOf(configuration, options);
	const progress = (done: number) => options.json || printProgress(done, names.length);
	return {
		names,
		hasPartitions,
		isFree: lists === undefined,
		files: [
			// The first: a batch whose secret differs is known from it.
			...(hasPartitions ? partitionsFiles(values, names) : partitionFiles(values)),
			...(lists ? importLists(names, lists.template, lists.rows) : []),
			...labelFiles(names, cloud, product, options.labels, progress),
		],
		input: {
			version: 1,
			cloud,
			product,
			partition: hasPartitions ? "one a board" : "one for all",
			// The product's secret among them shows as what it is: a `Secret`.
			values: Object.fromEntries(values),
			boards: names.length,
			names: createHash("sha256").update(names.join("\n")).digest("hex"),
			labels: options.labels,
			...(lists && { header: lists.template.header, rows: lists.rows }),
		},
		left,
	};
}

function namesOf(configuration: RawConfiguration, { macs, names, start, boards }: FactoryOptions): readonly string[] {
	return macs === undefined
		? countedNames(configuration, names as string, start, boards as number)
		: namesOfAddresses(configuration, read(macs, "the list of addresses"), macs);
}

/** How the lists to import look; undefined for a product that needs none. @throws UsageError, Error */
function listsOf(
	configuration: RawConfiguration,
	{ rows, template }: FactoryOptions,
): { readonly template: Template; readonly rows: number } | undefined {
	const rules = importRules(configuration);
	for (const [option, value] of Object.entries({ rows, template }))
		if (value !== undefined && rules === undefined)
			throw new UsageError(`--${option} is for lists to import, and ${nothingToImport}`);
	if (rules === undefined) return undefined;
	return {
		template:
			template === undefined ? plainTemplate(rules.header) : readTemplate(read(template, "the template"), template),
		rows: rows ?? rules.rows,
	};
}

function printProgress(done: number, all: number): void {
	process.stderr.write(
		colour(process.stderr, "gray", `labels: ${done.toLocaleString("en")} of ${all.toLocaleString("en")}\n`),
	);
}

function read(file: string, what: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		throw new Error(`${what} ${file} cannot be read: ${reasonOf(error as NodeJS.ErrnoException)}`);
	}
}
