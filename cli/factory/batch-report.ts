import { factoryPartition } from "dynreg/local-control/factory";
import { colour } from "../terminal/colour.js";
import { print } from "../terminal/print.js";
import { nothingToImport } from "./import-list.js";
import { labelsPerSheet } from "./labels.js";
import { folder } from "./partition.js";
import type { Batch } from "./prepare-batch.js";

/**
 * Prints what a batch consists of, and what to do with it.
 *
 * @param made files that this run has made
 * @param seconds that it took
 */
export function printReport(out: string, batch: Batch, made: number, seconds: number): void {
	const { names, files, hasPartitions, isFree, left } = batch;
	const lists = files.filter(({ path }) => path.startsWith("import/")).length;
	const hasLabels = files.some(({ path }) => path.startsWith("labels"));
	if (isFree) print(`nothing to import: ${nothingToImport}`);
	else print(`${out}/import: ${counted(lists, "list")} of device names for the platform's console`);
	print(
		hasPartitions
			? `${out}/${folder}: config.csv and values.csv, from which mfg_gen.py makes a "${factoryPartition}" partition a board`
			: `${out}/${folder}: fctry.csv, of which nvs_partition_gen.py makes the "${factoryPartition}" partition of all boards`,
	);
	print(`${out}/${folder} holds the product's secret: keep it to yourself`);
	if (hasLabels) print(`${out}: ${counted(Math.ceil(names.length / labelsPerSheet), "sheet")} of labels`);
	if (left.length > 0) print(`not in the partition, so they belong in the image: ${left.join(", ")}`);
	const all = `${counted(names.length, "board")}, ${counted(files.length, "file")}`;
	const done = colour(process.stdout, "green", made === 0 ? "Already done:" : "Done:");
	const now = made === 0 || made === files.length ? "" : `, ${made} of them made now`;
	print(`${done} ${all}${now}, ${seconds.toFixed(1)} s`);
}

function counted(count: number, what: string): string {
	return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}
