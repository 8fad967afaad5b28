import { type CloudName, cloudNames } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Cloud } from "./index.js";
import { platformNamed } from "./platforms/platform-named.js";
import { boardEndpoints, productKeys } from "./products/board-configuration.js";

/** The clouds that a demonstration can be about. The first is the default. */
export const demoClouds = cloudNames;
export type DemoCloud = CloudName;

/** A made-up product of a local cloud's. */
export interface DemoProduct {
	readonly cloud: DemoCloud;
	readonly id: string;
	readonly secret: string;
}

/**
 * As `demoConfiguration`, for every cloud: the local cloud may have to issue a claim certificate first.
 *
 * @returns the configuration of a board that registers as this device, at once
 */
export async function demoBoard(cloud: Cloud, product: DemoProduct, deviceName: string): Promise<RawConfiguration> {
	const { cloud: name, id } = product;
	if (!platformNamed(name).claims) return demoConfiguration(cloud, product, deviceName);
	cloud.administration.putProduct(name, id, {});
	return cloud.administration.newBoard(name, id, deviceName);
}

/**
 * Creates a product and one device of it in a local cloud.
 *
 * @returns the configuration of a board that registers as this device, at once
 */
export function demoConfiguration({ urls, ca, administration }: Cloud, product: DemoProduct, deviceName: string) {
	const { cloud, id, secret } = product;
	const platform = platformNamed(cloud);
	administration.putProduct(cloud, id, { secret });
	// Some platforms want to know a name before it registers.
	if (platform.registration.default === "pre-created") administration.putDevice(cloud, id, deviceName);
	const { registration } = administration.product(cloud, id);
	const keys = productKeys(platform, { id, registration });
	return {
		...keys,
		productSecret: secret,
		deviceName,
		ca,
		startupJitter: 0,
		endpoints: boardEndpoints(keys, urls),
	};
}
