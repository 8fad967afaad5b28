import config from "mc/config";
import type { RawConfiguration } from "../../../../modules/contracts/cloud.js";
import type { Configuration } from "../../../../modules/contracts/configuration.js";

/**
 * The image's configuration: `config` of the manifests and `mcconfig key=value`. The chip's tools support no factory
 * partition.
 */
export const readConfiguration = (): Configuration => config as RawConfiguration as Configuration;
