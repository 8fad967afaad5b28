import { factoryLabel, withFactory } from "dynreg/local-control/factory";
import { readFactory } from "dynreg/platform/factory";
import config from "mc/config";
import type { Configuration } from "../../../../modules/contracts/configuration.js";

/**
 * What the image was built with, `config` of the manifests and `mcconfig key=value`; and over it what the factory has
 * written into a partition of its own.
 */
export const readConfiguration = (): Configuration => {
	return withFactory(config, readFactory(factoryLabel(config))) as Configuration;
};
