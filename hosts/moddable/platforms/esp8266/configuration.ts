import config from "mc/config";
import type { RawConfiguration } from "../../../../modules/contracts/cloud.js";
import type { Configuration } from "../../../../modules/contracts/configuration.js";

/**
 * What the image was built with: `config` of the manifests and `mcconfig key=value`. There is no factory partition, since
 * this chip's tools know of none.
 */
export const readConfiguration = (): Configuration => config as RawConfiguration as Configuration;
