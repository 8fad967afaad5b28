import { File } from "file";
import config from "mc/config";
import type { Configuration } from "../../../modules/contracts/cloud.js";

/** Beside the simulated board's flash, in the folder that the simulator is started in. */
const path = "dynreg.json";

/** What the image was built with, overridden by a JSON file: one build, many boards. */
export function readConfiguration(): Configuration {
	if (!File.exists(path)) return config;
	const file = new File(path);
	const text = file.read(String);
	file.close();
	return { ...config, ...(JSON.parse(text) as Configuration) };
}
