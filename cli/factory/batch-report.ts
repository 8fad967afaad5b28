import { defaultFactoryLabel } from "dynreg/configuration/factory-partition";
import { colour } from "../terminal/colour.js";
import { print } from "../terminal/print.js";
import { labelsPerSheet } from "./labels.js";
import { partitionFolder } from "./partition.js";
import type { Batch } from "./prepare-batch.js";

/**
 * Prints a batch's files and the next steps.
 *
 * @param made files that this run has made
 * @param seconds that it took
 */
export function printBatchReport(out: string, batch: Batch, made: number, seconds: number): void {
	const { names, files, hasBoardPartitions, noImport, notInPartition } = batch;
	const lists = files.filter(({ path }) => path.startsWith("import/")).length;
	const hasLabels = files.some(({ path }) => path.startsWith("labels"));
	if (noImport !== undefined) print(`Nothing to import: ${noImport}.`);
	else print(`${out}/import: ${counted(lists, "list")} of device names for the platform's console`);
	print(
		hasBoardPartitions
			? `${out}/${partitionFolder}: config.csv and values.csv, from which mfg_gen.py makes a "${defaultFactoryLabel}" partition a board`
			: `${out}/${partitionFolder}: fctry.csv, of which nvs_partition_gen.py makes the "${defaultFactoryLabel}" partition of all boards`,
	);
	print(`${out}/${partitionFolder} holds the product's secret: keep the folder private`);
	if (hasLabels) print(`${out}: ${counted(Math.ceil(names.length / labelsPerSheet), "sheet")} of labels`);
	if (files.some(({ path }) => path.startsWith("setup/labels")))
		print(`${out}/setup: labels for set-up mode. They hold the access points' passwords: keep the folder private`);
	if (notInPartition.length > 0) print(`not in the partition, so required in the image: ${notInPartition.join(", ")}`);
	const all = `${counted(names.length, "board")}, ${counted(files.length, "file")}`;
	const done = colour(process.stdout, "green", made === 0 ? "Already done:" : "Done:");
	const now = made === 0 || made === files.length ? "" : `, ${made} of them new`;
	print(`${done} ${all}${now}, ${seconds.toFixed(1)} s`);
}

function counted(count: number, what: string): string {
	return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}
