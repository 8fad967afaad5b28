import type { Platform } from "../platform.js";
import { corruptions } from "./corruptions.js";
import { claimedIdentity, findDevice, login } from "./login.js";
import { endpoint } from "./registration.js";
import { rules } from "./rules.js";
import { topicRows } from "./topics.js";
import { v1 } from "./v1.js";
import { v2 } from "./v2.js";

/** Tencent Cloud IoT Hub and Explorer. */
export const tencent: Platform = {
	name: "tencent",
	// Registration gateways, then MQTT hosts ({productId}.…), as in the vendor's SDKs.
	hostNames: [
		"gateway.tencentdevices.com",
		"*.gateway.tencentdevices.com",
		"*.iotcloud.tencentdevices.com",
		"*.us-east.iotcloud.tencentdevices.com",
		"*.europe.iothub.tencentdevices.com",
		"*.ap-bangkok.iothub.tencentdevices.com",
		"*.ap-guangzhou.iothub.tencentdevices.com",
		"iotcloud-mqtt.gz.tencentdevices.com",
	],
	rules,
	auths: ["key", "certificate", "private-ca"],
	registration: { default: "automatic", modes: ["off", "pre-created", "automatic"] },
	stateTitle: "Data template",
	topicRows,
	operations: [v1.operation, v2.operation],
	endpoints: { "/register/dev": endpoint(v1), "/device/register": endpoint(v2) },
	corruptions,
	claimedIdentity,
	login,
	preSharedDevice(identity, products) {
		const owner = findDevice(identity, products);
		if (!owner) return undefined;
		const { product, device } = owner;
		const key = device.secret === undefined ? undefined : Buffer.from(device.secret, "base64");
		return { product: product.id, device: device.name, key, keyForm: "the 16 bytes of the psk, decoded from base64" };
	},
};
