import type { Cloud, ProductChange } from "@dynreg/cloud";
import type { RawConfiguration } from "dynreg/contracts/cloud";

/** A way to a credential, and where it is struck. */
export interface Flow {
	readonly name: string;
	readonly cloud: "tencent" | "aliyun";
	/** As the local cloud calls the registration. */
	readonly operation: string;
	/** The port at which it registers. */
	readonly port: "https" | "mqtts";
	readonly product: ProductChange;
	readonly board: RawConfiguration;
	/** The device has to be known before. */
	readonly created: boolean;
}

const tencent = { cloud: "tencent", port: "https", product: {}, created: false } as const;
const aliyun = { cloud: "aliyun", created: true } as const;

export const flows = {
	v2: { ...tencent, name: "Tencent v2", operation: "register/v2", board: { protocol: "v2" } },
	v1: { ...tencent, name: "Tencent v1", operation: "register/v1", board: { protocol: "v1" } },
	certificate: {
		...tencent,
		name: "Tencent certificate",
		operation: "register/v2",
		product: { auth: "certificate" },
		board: { auth: "certificate" },
	},
	https: {
		...aliyun,
		name: "Alibaba HTTPS",
		operation: "register/device",
		port: "https",
		product: {},
		board: { via: "https" },
	},
	mqtt: { ...aliyun, name: "Alibaba MQTT", operation: "register/mqtt", port: "mqtts", product: {}, board: {} },
	free: {
		...aliyun,
		name: "Alibaba registration-free",
		operation: "register/regnwl",
		port: "mqtts",
		product: { registration: "free" },
		board: { authType: "regnwl" },
		created: false,
	},
} as const satisfies Record<string, Flow>;

export type FlowName = keyof typeof flows;

/** Made up. */
const product = { id: "FAULTS0001", secret: "faults-product-secret-1" };
const deviceName = "board-1";

/** Whose credential it is, in the words of a vault. */
export function identity({ cloud }: Flow): string {
	return `${cloud}/${product.id}/${deviceName}`;
}

/** Tells the cloud of the flow's product. @returns the configuration of a board that registers at once */
export function prepare({ administration, urls, ca }: Cloud, flow: Flow): RawConfiguration {
	const { id, secret } = product;
	administration.putProduct(flow.cloud, id, { secret, ...flow.product });
	if (flow.created) administration.putDevice(flow.cloud, id, deviceName);
	return {
		cloud: flow.cloud,
		...(flow.cloud === "tencent" ? { productId: id } : { productKey: id }),
		productSecret: secret,
		deviceName,
		ca,
		spread: 0,
		// The shortest, so that a broker gone silent is noticed within a minute.
		keepAlive: 30,
		endpoints: { ...(flow.port === "https" && { register: urls.https }), mqtt: urls.mqtts },
		...flow.board,
	};
}
