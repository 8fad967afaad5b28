import type { Platform } from "../platform.js";
import { corruptions } from "./corruptions.js";
import { endpoint } from "./https-registration.js";
import { claimedIdentity, login, operations } from "./login.js";
import { preSharedDevice } from "./pre-shared-key.js";
import { rules } from "./rules.js";
import { topicRows } from "./topics.js";

/** The vendor's regions that hand out device secrets or tokens. */
const regions = [
	"cn-shanghai",
	"cn-beijing",
	"ap-southeast-1",
	"ap-northeast-1",
	"us-west-1",
	"us-east-1",
	"eu-central-1",
];

/** Alibaba Cloud IoT, products with key devices. */
export const aliyun: Platform = {
	name: "aliyun",
	// Registration, MQTT of a product ({productKey}.…), MQTT of an instance ({instanceId}.…).
	hostNames: [
		...regions.map((region) => `iot-auth.${region}.aliyuncs.com`),
		...regions.map((region) => `*.iot-as-mqtt.${region}.aliyuncs.com`),
		"*.mqtt.iothub.aliyuncs.com",
	],
	rules,
	auths: ["key"],
	registration: { default: "pre-created", modes: ["off", "pre-created", "free"] },
	boardKeys: ({ registration }) => (registration === "free" ? { authType: "regnwl" } : {}),
	stateTitle: "Thing model",
	topicRows,
	operations: [endpoint.operation, ...operations],
	endpoints: { "/auth/register/device": endpoint },
	corruptions,
	claimedIdentity,
	login,
	preSharedDevice,
};
