import type { Cloud } from "../cloud/cloud.js";

/** A made-up product of a local cloud's. */
export interface DemoProduct {
	readonly id: string;
	readonly secret: string;
}

/** The configuration of a board that registers with this local cloud, at once. */
export function demoConfiguration({ urls, ca }: Cloud, { id, secret }: DemoProduct, deviceName: string) {
	return {
		cloud: "tencent",
		productId: id,
		productSecret: secret,
		deviceName,
		endpoints: { register: urls.https, mqtt: urls.mqtts },
		ca,
		spread: 0,
	} as const;
}
