import { everyKey } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { parseConfigurationFile } from "../configuration/configuration-file.js";

/**
 * A product's configuration, for all of its boards.
 *
 * @throws Error unless it is a product that boards can register with
 */
export function readProduct(file: string): RawConfiguration {
	const configuration = parseConfigurationFile(file);
	const wrong = (what: string) => new Error(`${file} is not a configuration for a factory. ${what}`);
	for (const key of Object.keys(configuration))
		if (key.startsWith("dangerously") && String(configuration[key] ?? false) !== "false")
			throw wrong(`${key} is for tests only. Leave out ${key}.`);
	if (!configuration.productSecret)
		throw wrong("productSecret is missing, so no board can register. Add the product's secret.");
	for (const key of Object.keys(configuration))
		if (everyKey[key]?.of === "device")
			throw wrong(`${key} belongs to one board, but a batch has many. Leave out ${key}.`);
	return configuration;
}
