import { setTimeout } from "node:timers/promises";
import { type CloudName, cloudNames } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { AdminError, type Cloud } from "./index.js";
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

/**
 * Sends a command once the device has subscribed to it. Not each platform has a clock whose event would show that.
 *
 * @param device its platform, product and name
 * @param timeout milliseconds
 * @throws AdminError after the timeout
 */
export async function sendWhenSubscribed(
	administration: Cloud["administration"],
	device: readonly [DemoCloud, string, string],
	command: string,
	timeout: number,
): Promise<void> {
	for (const deadline = performance.now() + timeout; ; await setTimeout(20))
		try {
			return await administration.sendMessage(...device, command);
		} catch (error) {
			if (!(error instanceof AdminError && error.status === 409) || performance.now() > deadline) throw error;
		}
}
