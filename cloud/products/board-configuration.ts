/** The configuration of a board of this cloud's products. */

import { productIdKey, registrationScheme } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardProduct, Platform } from "../platforms/platform.js";

/** The addresses that a board uses. */
interface CloudUrls {
	readonly https: string;
	readonly mqtts: string;
}

export interface BoardEndpoints {
	/** Absent where boards register at the broker. */
	readonly register?: string;
	readonly mqtt: string;
}

export function boardEndpoints(configuration: RawConfiguration, { https, mqtts: mqtt }: CloudUrls): BoardEndpoints {
	return registrationScheme(configuration) === "https" ? { register: https, mqtt } : { mqtt };
}

/** What the configuration says of the product, without its secret. */
export function productKeys(platform: Platform, product: BoardProduct): RawConfiguration {
	return { cloud: platform.name, [productIdKey(platform.name)]: product.id, ...platform.boardKeys?.(product) };
}
