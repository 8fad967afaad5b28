import config from "mc/config";
import type { Configuration } from "../../../modules/contracts/cloud.js";

/** What the image was built with: `config` of the manifests, and `mcconfig key=value`. */
export function readConfiguration(): Configuration {
	return config;
}
