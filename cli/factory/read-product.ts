import { dirname } from "node:path";
import { cloudNamed, defaultCloud, everyKey, keysOf } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { parseConfigurationFile, withPemFiles } from "../configuration/configuration-file.js";

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
	const needed = Object.hasOwn(keysOf(cloudNamed(configuration.cloud) ?? defaultCloud), "claimKey")
		? ["claimCertificate", "claimKey"]
		: [];
	for (const key of needed)
		if (!configuration[key]) throw wrong(`${key} is missing, so no board can register. Add ${key}.`);
	if (needed.length === 0 && !configuration.productSecret)
		throw wrong("productSecret is missing, so no board can register. Add the product's secret.");
	for (const key of Object.keys(configuration))
		if (everyKey[key]?.of === "device")
			throw wrong(`${key} belongs to one board, but a batch has many. Leave out ${key}.`);
	return withPemFiles(dirname(file), configuration);
}
