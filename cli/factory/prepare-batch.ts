import { createHash } from "node:crypto";
import { performance } from "node:perf_hooks";
import { crypto } from "@dynreg/node/internal/crypto";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Secret } from "dynreg/core/secret";
import { readTextFile } from "../command-line/text-file.js";
import { UsageError } from "../command-line/usage-error.js";
import type { FactoryOptions } from "../commands/factory.js";
import { checkedDevice, checkKeys } from "../configuration/configured-device.js";
import { derivedKeyOf } from "../configuration/own-key.js";
import { colour } from "../terminal/colour.js";
import { type BatchInput, type OutputFile, writeBatch } from "./batch-folder.js";
import { printBatchReport } from "./batch-report.js";
import { countedNames, namesFromAddresses } from "./board-names.js";
import {
	deviceImport,
	type ImportTemplate,
	importLists,
	plainTemplate,
	readTemplate,
	templateAdvice,
} from "./import-lists.js";
import { labelFiles } from "./label-files.js";
import { boardLabel } from "./labels.js";
import { boardPartitionFiles, type OwnValue, partitionValues, sharedPartitionFiles } from "./partition.js";
import { readProduct } from "./read-product.js";
import { setupAccess, setupLabel, setupValues } from "./setup-labels.js";

/** The files of a batch, and the configuration outside of them. */
export interface Batch {
	readonly names: readonly string[];
	/** Each board has a partition of its own. */
	readonly hasBoardPartitions: boolean;
	/** Why there is nothing to import, if so. */
	readonly noImport: string | undefined;
	readonly files: readonly OutputFile[];
	/** The inputs of the files. */
	readonly input: BatchInput;
	/** Keys of the configuration that no partition holds. */
	readonly notInPartition: readonly string[];
}

/**
 * Makes the files of a batch, and reports them.
 *
 * @returns the exit code
 * @throws UsageError or Error before anything is written
 */
export function prepareBatch(options: FactoryOptions): number {
	const began = performance.now();
	const { out, json } = options;
	const batch = planBatch(options);
	const { files, input, names } = batch;
	const made = writeBatch(out, input, files, { boards: names.length, first: names[0], last: names.at(-1) });
	if (json)
		process.stdout.write(`${JSON.stringify({ folder: out, boards: names.length, files: files.length, made })}\n`);
	else printBatchReport(out, batch, made, (performance.now() - began) / 1000);
	return 0;
}

function planBatch(options: FactoryOptions): Batch {
	const configuration = readProduct(options.config);
	const own = ownValue(configuration);
	const hasBoardPartitions = options.macs === undefined || own !== undefined;
	checkKeys(configuration);
	const names = namesOf(configuration, options);
	const { values, notInPartition } = partitionValues(own === undefined ? configuration : withoutSecret(configuration));
	const { identity } = checkedDevice({ ...configuration, deviceName: names[0] }, undefined);
	const [cloud = "", product = ""] = identity.split("/");
	const lists = listsOf(configuration, options);
	const access = (name: string) => setupAccess(configuration, options.macs !== undefined, name);
	const hasSetup = options["setup-labels"];
	const owns = [...(own ? [own] : []), ...(hasSetup && options.macs === undefined ? setupValues(access) : [])];
	const progress = (done: number) => options.json || printProgress(done, names.length);
	return {
		names,
		hasBoardPartitions,
		noImport: deviceImport(configuration).unnecessary?.(configuration),
		files: [
			// The first: a batch whose secret differs is known from it.
			...(hasBoardPartitions ? boardPartitionFiles(values, names, owns) : sharedPartitionFiles(values)),
			...(lists ? importLists(names, lists.template, lists.rows) : []),
			...labelFiles(
				names,
				(name) => boardLabel(cloud, product, name),
				{ path: "labels", secret: false },
				options.labels,
				progress,
			),
			...(hasSetup
				? [
						{ path: "setup/.gitignore", secret: true, chunks: () => ["*\n"] },
						...labelFiles(
							names,
							(name) => setupLabel(access(name)),
							{ path: "setup/labels", secret: true },
							options.labels === "svg" ? "svg" : "pdf",
							progress,
						),
					]
				: []),
		],
		input: {
			version: 1,
			cloud,
			product,
			partition: hasBoardPartitions ? "one a board" : "one for all",
			// The product secret prints as `[secret]`, since it is a `Secret`.
			values: Object.fromEntries(values),
			boards: names.length,
			names: createHash("sha256").update(names.join("\n")).digest("hex"),
			labels: options.labels,
			...(hasSetup && { setup: "labels" }),
			...(lists && { header: lists.template.header, rows: lists.rows }),
		},
		notInPartition,
	};
}

/** Each board's own key, where it is derived from the product's secret, which no partition holds then. */
function ownValue(configuration: RawConfiguration): OwnValue | undefined {
	const derivedKey = derivedKeyOf(configuration);
	if (derivedKey === undefined) return undefined;
	const secret = new Secret(String(configuration.productSecret));
	return { name: derivedKey.key, of: (deviceName) => derivedKey.derive(crypto, secret, deviceName) };
}

function withoutSecret({ productSecret: _, ...others }: RawConfiguration): RawConfiguration {
	return others;
}

function namesOf(configuration: RawConfiguration, { macs, names, start, boards }: FactoryOptions): readonly string[] {
	if (macs === undefined) return countedNames(configuration, names as string, start, boards as number);
	const list = readTextFile(macs, "The list of addresses", "Save the list as text in UTF-8, one address a line.");
	const { names: named, warning } = namesFromAddresses(configuration, list, macs);
	if (warning !== undefined) process.stderr.write(`${colour(process.stderr, "yellow", "Warning:")} ${warning}\n`);
	return named;
}

/** How the lists to import look; undefined for a product that needs none. @throws UsageError, Error */
function listsOf(
	configuration: RawConfiguration,
	{ rows, template }: FactoryOptions,
): { readonly template: ImportTemplate; readonly rows: number } | undefined {
	const rules = deviceImport(configuration);
	const reason = rules.unnecessary?.(configuration);
	for (const [option, value] of Object.entries({ rows, template }))
		if (value !== undefined && reason !== undefined)
			throw new UsageError(`--${option} is an option for lists to import, but ${reason}. Leave out --${option}.`);
	if (reason !== undefined) return undefined;
	return {
		template:
			template === undefined
				? plainTemplate(rules.header)
				: readTemplate(readTextFile(template, "The template", templateAdvice, { keepMark: true }), template),
		rows: rows ?? rules.rows,
	};
}

function printProgress(done: number, all: number): void {
	process.stderr.write(
		colour(process.stderr, "gray", `labels: ${done.toLocaleString("en")} of ${all.toLocaleString("en")}\n`),
	);
}
