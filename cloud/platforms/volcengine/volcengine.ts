import type { Platform } from "../platform.js";
import { corruptions } from "./corruptions.js";
import { claimedIdentity, login } from "./login.js";
import { endpoint, path } from "./registration.js";
import { rules } from "./rules.js";
import { topicRows } from "./topics.js";

/** Volcengine IoT, devices with a secret. */
export const volcengine: Platform = {
	name: "volcengine",
	// Registration, MQTT of an instance ({instanceId}.… or {instanceId}-cn-shanghai.…).
	hostNames: ["iot-cn-shanghai.iot.volces.com", "*.cn-shanghai.iot.volces.com", "*.iot.volces.com"],
	rules,
	auths: ["key"],
	registration: { default: "pre-created", modes: ["off", "pre-created", "automatic"] },
	boardKeys: ({ registration, instanceId = "local" }) => ({
		instanceId,
		...(registration === "automatic" && { authType: "no-pre-registration" }),
	}),
	stateTitle: "Thing model",
	topicRows,
	operations: [endpoint.operation],
	endpoints: { [path]: endpoint },
	corruptions,
	claimedIdentity,
	login,
	// The vendor's SDKs have no TLS-PSK.
	preSharedDevice: () => undefined,
};
