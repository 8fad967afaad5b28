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
	const wrong = (what: string) => new Error(`${file} is no configuration for a factory: ${what}`);
	if (configuration.dangerouslyAllowPlain)
		throw wrong("dangerouslyAllowPlain is for tests, and no factory partition can allow it; leave it out");
	if (!configuration.productSecret) throw wrong("productSecret is missing, and no board can register without it");
	for (const key of Object.keys(configuration))
		if (everyKey[key]?.of === "device") throw wrong(`${key} is one board's own, and a batch has many; leave it out`);
	return configuration;
}
