import type { Cloud, ProductChange } from "@dynreg/cloud";
import { platformNamed } from "@dynreg/cloud/internal/platforms/platform-named";
import { type CloudName, productIdKey } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";

/** A way to a credential, and where its faults apply. */
export interface RegistrationFlow {
	readonly name: string;
	readonly cloud: CloudName;
	/** As the local cloud calls the registration. */
	readonly operation: string;
	/** The port at which it registers. */
	readonly port: "https" | "mqtts";
	readonly product: ProductChange;
	readonly configuration: RawConfiguration;
	/** The device has to be known before. */
	readonly createDevice: boolean;
	/** The request that completes a registration of several. Default: any registration. */
	readonly lastOperation?: string;
	/** The device proposes its credential: after a failed registration it connects with that, before it registers again. */
	readonly proposes?: true;
	/** The MQTT server at which it registers has an address of its own. */
	readonly hasRegistrar?: true;
	/** The product's secret. */
	readonly secret?: string;
}

const tencent = { cloud: "tencent", port: "https", product: {}, createDevice: false } as const;
const aliyun = { cloud: "aliyun", createDevice: true } as const;
const azure = {
	cloud: "azure",
	product: {},
	configuration: {},
	createDevice: false,
	secret: "InventedGroupKeyOfFaultsInventedGroupKeyOfFaults",
} as const;

export const registrationFlows = {
	v2: { ...tencent, name: "Tencent v2", operation: "register/v2", configuration: { protocol: "v2" } },
	v1: { ...tencent, name: "Tencent v1", operation: "register/v1", configuration: { protocol: "v1" } },
	certificate: {
		...tencent,
		name: "Tencent certificate",
		operation: "register/v2",
		product: { auth: "certificate" },
		configuration: { auth: "certificate" },
	},
	https: {
		...aliyun,
		name: "Alibaba HTTPS",
		operation: "register/device",
		port: "https",
		product: {},
		configuration: { registrationTransport: "https" },
	},
	mqtt: { ...aliyun, name: "Alibaba MQTT", operation: "register/mqtt", port: "mqtts", product: {}, configuration: {} },
	free: {
		...aliyun,
		name: "Alibaba registration-free",
		operation: "register/regnwl",
		port: "mqtts",
		product: { registration: "free" },
		configuration: { authType: "regnwl" },
		createDevice: false,
	},
	volcengine: {
		cloud: "volcengine",
		name: "Volcengine",
		operation: "register/dynamic",
		port: "https",
		product: { registration: "automatic" },
		configuration: { instanceId: "faults", authType: "no-pre-registration" },
		createDevice: false,
	},
	claim: {
		name: "AWS claim",
		cloud: "aws",
		operation: "claim/certificate",
		port: "mqtts",
		product: { thingPrefix: "thing-" },
		configuration: {},
		createDevice: false,
	},
	thingsboard: {
		name: "ThingsBoard",
		cloud: "thingsboard",
		operation: "register/provision",
		port: "https",
		product: {},
		configuration: {},
		createDevice: false,
		proposes: true,
	},
	dps: {
		...azure,
		name: "Azure HTTPS",
		operation: "register/dps",
		lastOperation: "register/dps-status",
		port: "https",
	},
	dpsMqtt: {
		...azure,
		name: "Azure MQTT",
		operation: "register/dps-mqtt",
		lastOperation: "register/dps-mqtt-status",
		port: "mqtts",
		configuration: { registrationTransport: "mqtt" },
		hasRegistrar: true,
	},
} as const satisfies Record<string, RegistrationFlow>;

export type FlowName = keyof typeof registrationFlows;

/** Made up. */
const product = { id: "FAULTS0001", secret: "faults-product-secret-1" };
const deviceName = "board-1";

/** One for all clouds: a key takes a tenth of a second. */
let claimKey: string | undefined;

/** Whose credential it is, in the words of a vault. */
export function identity({ cloud }: RegistrationFlow): string {
	return `${cloud}/${product.id}/${deviceName}`;
}

/** Creates the flow's product in the cloud. @returns the configuration of a board that registers at once */
export async function prepareCloud(cloud: Cloud, flow: RegistrationFlow): Promise<RawConfiguration> {
	const { administration, urls, ca } = cloud;
	const { id } = product;
	const { secret = product.secret } = flow;
	const platform = platformNamed(flow.cloud);
	if (platform.claims) {
		claimKey ??= platform.claims.newKey();
		administration.putProduct(flow.cloud, id, { secret: claimKey, ...flow.product });
		return { ...(await administration.newBoard(flow.cloud, id, deviceName)), keepAlive: 30, ...flow.configuration };
	}
	administration.putProduct(flow.cloud, id, { secret, ...flow.product });
	if (flow.createDevice) administration.putDevice(flow.cloud, id, deviceName);
	return {
		cloud: flow.cloud,
		[productIdKey(flow.cloud)]: id,
		...platform.boardKeys?.({ id, registration: platform.registration.default }),
		productSecret: secret,
		deviceName,
		ca,
		startupJitter: 0,
		// The shortest, so that a broker gone silent is noticed within a minute.
		keepAlive: 30,
		endpoints: {
			...((flow.port === "https" || flow.hasRegistrar) && { register: urls[flow.port] }),
			mqtt: urls.mqtts,
		},
		...flow.configuration,
	};
}

/** Sends the device a command. */
export function sendCommand({ administration }: Cloud, { cloud }: RegistrationFlow): Promise<void> {
	return administration.sendMessage(cloud, product.id, deviceName, "on");
}
