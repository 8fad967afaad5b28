import { factoryLabel, withFactory } from "dynreg/local-control/factory";
import { readFactory } from "dynreg/platform/factory";
import { File } from "file";
import config from "mc/config";
import type { RawConfiguration } from "../../../../modules/contracts/cloud.js";
import type { Configuration } from "../../../../modules/contracts/configuration.js";

/** Beside the simulated board's flash, in the folder that the simulator is started in. */
const path = "dynreg.json";

/**
 * What the image was built with, overridden by a JSON file: one build, many boards. Over it as on a board what stands in
 * the factory partition: there a CSV file of `dynreg factory`, named after the partition (`fctry.csv`).
 */
export const readConfiguration = (): Configuration => {
	const image = fromFile();
	return withFactory(image, readFactory(factoryLabel(image))) as Configuration;
};

const fromFile = (): RawConfiguration => {
	if (!File.exists(path)) return config;
	const file = new File(path);
	const text = file.read(String);
	file.close();
	return { ...config, ...(JSON.parse(text) as RawConfiguration) };
};
