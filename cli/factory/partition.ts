import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Secret } from "dynreg/core/secret";
import { factoryKey, factoryNames, factoryNamespace } from "dynreg/local-control/factory";
import { isSecret } from "../configuration/configuration-keys.js";
import type { Artefact } from "./folder.js";

/** Where what holds the product's secret lies. */
export const folder = "nvs";

/** Bytes of a text in NVS, its end included (`nvs_partition_gen.py`). */
const longest = 4000;

/** What goes into the factory partition, by its names there. */
export type Values = ReadonlyMap<string, string | Secret>;

/**
 * The part of a configuration that goes into a factory partition.
 *
 * @throws Error when a value cannot stand there
 */
export function partitionValues(configuration: RawConfiguration): { values: Values; left: string[] } {
	const { endpoints, ...others } = configuration;
	const flat: Record<string, unknown> = { ...others };
	for (const [purpose, value] of Object.entries((endpoints ?? {}) as RawConfiguration))
		flat[`endpoints.${purpose}`] ??= value;
	const values = new Map<string, string | Secret>();
	const names = factoryNames.split(" ");
	for (const name of names) {
		const key = factoryKey(name);
		const value = flat[key];
		if (value === undefined || value === "") continue;
		const text = Array.isArray(value) ? value.join(",") : String(value);
		if (!/^[\x20-\x7e]+$/.test(text) || text.length >= longest)
			throw new Error(`${key} must be less than ${longest} printable ASCII characters to stand in a factory partition`);
		values.set(name, isSecret(key) ? new Secret(text) : text);
	}
	const known = names.map(factoryKey);
	return { values, left: Object.keys(flat).filter((key) => !known.includes(key)) };
}

/** One partition for all boards, for `nvs_partition_gen.py`: ESP-IDF, "NVS Partition Generator Utility". */
export function partitionFiles(values: Values): Artefact[] {
	const rows = [...values].map(([name, value]) => [name, "data", "string", value]);
	return secretFiles([
		["fctry.csv", () => [["key", "type", "encoding", "value"], [factoryNamespace, "namespace", "", ""], ...rows]],
	]);
}

/** One partition a board, each with its own name, for `mfg_gen.py`: ESP-IDF, "Manufacturing Utility". */
export function partitionsFiles(values: Values, names: readonly string[]): Artefact[] {
	const shared = [...values];
	return secretFiles([
		[
			"config.csv",
			() => [
				[factoryNamespace, "namespace", ""],
				["deviceName", "data", "string"],
				...shared.map(([name]) => [name, "data", "string", "REPEAT"]),
			],
		],
		[
			"values.csv",
			() => [
				["deviceName", ...shared.map(([name]) => name)],
				// What repeats stands in the first row only.
				...names.map((name, index) => [name, ...shared.map(([, value]) => (index === 0 ? value : ""))]),
			],
		],
	]);
}

type Rows = readonly (readonly (string | Secret)[])[];

function secretFiles(files: readonly (readonly [name: string, rows: () => Rows])[]): Artefact[] {
	return [
		// First, and as private as what it keeps out of a repository.
		{ path: `${folder}/.gitignore`, secret: true, chunks: () => ["*\n"] },
		...files.map(([name, rows]) => ({
			path: `${folder}/${name}`,
			secret: true,
			chunks: () => [
				rows()
					.map((row) => `${row.map(cell).join(",")}\n`)
					.join(""),
			],
		})),
	];
}

/** As Python's `csv` reads it. A row that began with `#` would be skipped, but each begins with a name of ours. */
function cell(value: string | Secret): string {
	const text = value instanceof Secret ? value.reveal() : value;
	return /[",]|^ | $/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
