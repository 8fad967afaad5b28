import type { Cloud } from "./index.js";

/** The clouds that a demonstration can be about. The first is the default. */
export const demoClouds = ["tencent", "aliyun"] as const;
export type DemoCloud = (typeof demoClouds)[number];

/** A made-up product of a local cloud's. */
export interface DemoProduct {
	readonly cloud: DemoCloud;
	readonly id: string;
	readonly secret: string;
}

/**
 * Creates a product and one device of it in a local cloud.
 *
 * @returns the configuration of a board that registers as this device, at once
 */
export function demoConfiguration({ urls, ca, administration }: Cloud, product: DemoProduct, deviceName: string) {
	const { cloud, id, secret } = product;
	administration.putProduct(cloud, id, { secret });
	const board = { cloud, productSecret: secret, deviceName, ca, startupJitter: 0 } as const;
	if (cloud === "tencent")
		return { ...board, productId: id, endpoints: { register: urls.https, mqtt: urls.mqtts } } as const;
	// This platform wants to know a name before it registers, and registers at its broker.
	administration.putDevice(cloud, id, deviceName);
	return { ...board, productKey: id, endpoints: { mqtt: urls.mqtts } } as const;
}
