/**
 * Host names of Tencent Cloud IoT by region, as in the vendor's C SDKs 3.2.3 and 3.3.0
 * (`qcloud_iot_common.h`) and its console documentation.
 */

/** The first is the default, as in the C SDKs. */
export const regionNames = Object.freeze(["china", "us-east", "europe", "ap-bangkok"] as const);

interface Region {
	/** Registration, by protocol. */
	readonly v1: string;
	readonly v2: string;
	/** MQTT, behind `{productId}.`. */
	readonly mqtt: string;
}

export function region(name: (typeof regionNames)[number]): Region {
	const domain = "tencentdevices.com";
	const gateway = `gateway.${domain}`;
	if (name === "china") return { v1: gateway, v2: `ap-guangzhou.${gateway}`, mqtt: `iotcloud.${domain}` };
	const service = name === "us-east" ? "iotcloud" : "iothub";
	return { v1: `${name}.${gateway}`, v2: `${name}.${gateway}`, mqtt: `${name}.${service}.${domain}` };
}

/**
 * Who vouches for the servers: the vendor's own root ("Tencent Iothub", valid to 2032) for the brokers; for v2
 * registration a public one; for v1 the SDKs for C have the vendor's, those for Java a public one.
 */
export const trust = Object.freeze({
	v1: Object.freeze(["public", "tencent-iothub"]),
	v2: Object.freeze(["public"]),
	mqtt: Object.freeze(["tencent-iothub"]),
} as const);
