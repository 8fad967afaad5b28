/** Host names of Alibaba Cloud IoT, as in the vendor's documentation and its C SDKs. */

const domain = "aliyuncs.com";

/** Of public instances. The first is the default. Registration-free products are at home in the first two. */
export const regionNames = Object.freeze([
	"cn-shanghai",
	"cn-beijing",
	"ap-southeast-1",
	"ap-northeast-1",
	"us-west-1",
	"eu-central-1",
] as const);

type RegionName = (typeof regionNames)[number];

/** @param instanceId of an instance of one's own, where there is one */
export function mqttHost(productKey: string, region: RegionName, instanceId: string | undefined): string {
	return instanceId === undefined
		? `${productKey}.iot-as-mqtt.${region}.${domain}`
		: `${instanceId}.mqtt.iothub.${domain}`;
}

export function registrationHost(region: RegionName): string {
	return `iot-auth.${region}.${domain}`;
}
