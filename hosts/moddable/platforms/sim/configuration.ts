import { applyFactoryPartition, factoryLabel } from "dynreg/configuration/factory-partition";
import { readFactoryPartition } from "dynreg/platform/factory";
import { File } from "file";
import config from "mc/config";
import type { RawConfiguration } from "../../../../modules/contracts/cloud.js";
import type { Configuration } from "../../../../modules/contracts/configuration.js";

/** Beside the simulated board's flash, in the simulator's working folder. */
const path = "dynreg.json";

/**
 * The image's configuration, overridden by a JSON file, so that one build serves many boards; then, as on a board, by the
 * factory partition, which is a CSV file of `dynreg factory` named after the partition (`fctry.csv`).
 */
export const readConfiguration = (): Configuration => {
	const image = fromFile();
	return applyFactoryPartition(image, readFactoryPartition(factoryLabel(image))) as Configuration;
};

const fromFile = (): RawConfiguration => {
	if (!File.exists(path)) return config;
	const file = new File(path);
	const text = file.read(String);
	file.close();
	return { ...config, ...(JSON.parse(text) as RawConfiguration) };
};
