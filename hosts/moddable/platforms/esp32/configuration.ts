import { applyFactoryPartition, factoryLabel } from "dynreg/configuration/factory-partition";
import { readFactoryPartition } from "dynreg/platform/factory";
import config from "mc/config";
import type { Configuration } from "../../../../modules/contracts/configuration.js";

/**
 * The image's configuration (`config` of the manifests and `mcconfig key=value`), overridden by the factory partition.
 */
export const readConfiguration = (): Configuration => {
	return applyFactoryPartition(config, readFactoryPartition(factoryLabel(config))) as Configuration;
};
