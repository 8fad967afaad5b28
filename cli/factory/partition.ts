import { everyKey, withCurrentNames } from "dynreg/clouds/schemas";
import { factoryKey, factoryNames, factoryNamespace } from "dynreg/configuration/factory-partition";
import { factoryName } from "dynreg/configuration/schema";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Secret } from "dynreg/core/secret";
import { isSecret } from "../configuration/configuration-keys.js";
import type { OutputFile } from "./batch-folder.js";

/** Where what holds the product's secret lies. */
export const partitionFolder = "nvs";

/** Bytes of a text in NVS, its end included (`nvs_partition_gen.py`). */
const maxTextBytes = 4000;

/** The values of the factory partition, by their names there. */
export type PartitionValues = ReadonlyMap<string, string | Secret>;

/**
 * The part of a configuration that goes into a factory partition.
 *
 * @throws Error when a value cannot stand there
 */
export function partitionValues(configuration: RawConfiguration): {
	values: PartitionValues;
	notInPartition: string[];
} {
	const { endpoints, ...others } = withCurrentNames(configuration);
	const flat: Record<string, unknown> = { ...others };
	for (const [purpose, value] of Object.entries((endpoints ?? {}) as RawConfiguration))
		flat[`endpoints.${purpose}`] ??= value;
	const values = new Map<string, string | Secret>();
	const names = factoryNames.split(" ");
	for (const name of names) {
		const key = factoryKey(name);
		// By the names of today only.
		if (everyKey[key] === undefined || factoryName(key, everyKey[key]) !== name) continue;
		const value = flat[key];
		if (value == null || value === "") continue;
		const text = onOneLine(Array.isArray(value) ? value.join(",") : String(value));
		if (!/^[\x20-\x7e]+$/.test(text) || text.length >= maxTextBytes)
			throw new Error(
				`${key} does not fit into a factory partition. Expected less than ${maxTextBytes} printable ASCII characters.`,
			);
		values.set(name, isSecret(key) ? new Secret(text) : text);
	}
	const known = names.map(factoryKey);
	return { values, notInPartition: Object.keys(flat).filter((key) => !known.includes(key)) };
}

/** A device passes over white space in PEM, and a CSV file has one line a value. */
function onOneLine(text: string): string {
	return text.includes("-----BEGIN ") ? text.trim().replaceAll(/\s+/g, " ") : text;
}

/** One partition for all boards, for `nvs_partition_gen.py`: ESP-IDF, "NVS Partition Generator Utility". */
export function sharedPartitionFiles(values: PartitionValues): OutputFile[] {
	const rows = [...values].map(([name, value]) => [name, "data", "string", value]);
	return secretFiles([
		["fctry.csv", () => [["key", "type", "encoding", "value"], [factoryNamespace, "namespace", "", ""], ...rows]],
	]);
}

/** A value that each board has for itself. */
export interface OwnValue {
	/** As in the partition. */
	readonly name: string;
	of(deviceName: string): string | Secret;
}

/** One partition a board, each with its own name, for `mfg_gen.py`: ESP-IDF, "Manufacturing Utility". */
export function boardPartitionFiles(
	values: PartitionValues,
	names: readonly string[],
	owns: readonly OwnValue[] = [],
): OutputFile[] {
	const shared = [...values].filter(([name]) => owns.every((own) => own.name !== name));
	return secretFiles([
		[
			"config.csv",
			() => [
				[factoryNamespace, "namespace", ""],
				...["deviceName", ...owns.map(({ name }) => name)].map((name) => [name, "data", "string"]),
				...shared.map(([name]) => [name, "data", "string", "REPEAT"]),
			],
		],
		[
			"values.csv",
			() => [
				["deviceName", ...owns.map(({ name }) => name), ...shared.map(([name]) => name)],
				// Repeated values are in the first row only.
				...names.map((name, index) => [
					name,
					...owns.map((each) => each.of(name)),
					...shared.map(([, value]) => (index === 0 ? value : "")),
				]),
			],
		],
	]);
}

type Rows = readonly (readonly (string | Secret)[])[];

function secretFiles(files: readonly (readonly [name: string, rows: () => Rows])[]): OutputFile[] {
	return [
		// First, with the same permissions as the files it excludes from the repository.
		{ path: `${partitionFolder}/.gitignore`, secret: true, chunks: () => ["*\n"] },
		...files.map(([name, rows]) => ({
			path: `${partitionFolder}/${name}`,
			secret: true,
			chunks: () => [
				rows()
					.map((row) => `${row.map(csvCell).join(",")}\n`)
					.join(""),
			],
		})),
	];
}

/** As Python's `csv` reads it. A row that began with `#` would be skipped, but each begins with a name of ours. */
function csvCell(value: string | Secret): string {
	const text = value instanceof Secret ? value.reveal() : value;
	return /[",]|^ | $/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
