/**
 * Host names of Tencent Cloud IoT by region, as in the vendor's C SDKs 3.2.3 and 3.3.0
 * (`qcloud_iot_common.h`) and its console documentation.
 */

interface Region {
	/** Registration, protocol v1. */
	readonly v1: string;
	/** Registration, protocol v2. */
	readonly v2: string;
	/** MQTT, behind `{productId}.`. */
	readonly mqtt: string;
}

export const regions: Readonly<Record<"china" | "us-east" | "europe" | "ap-bangkok", Region>> = {
	china: {
		v1: "gateway.tencentdevices.com",
		v2: "ap-guangzhou.gateway.tencentdevices.com",
		mqtt: "iotcloud.tencentdevices.com",
	},
	"us-east": elsewhere("us-east", "iotcloud"),
	europe: elsewhere("europe", "iothub"),
	"ap-bangkok": elsewhere("ap-bangkok", "iothub"),
};

function elsewhere(name: string, service: string): Region {
	const gateway = `${name}.gateway.tencentdevices.com`;
	return { v1: gateway, v2: gateway, mqtt: `${name}.${service}.tencentdevices.com` };
}
