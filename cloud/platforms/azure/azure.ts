import type { Platform } from "../platform.js";
import { corruptions } from "./corruptions.js";
import { endpoints } from "./https-registration.js";
import { claimedIdentity, login } from "./login.js";
import { operations } from "./operations.js";
import { rules } from "./rules.js";
import { topicRows } from "./topics.js";

/** Azure: the Device Provisioning Service with symmetric keys, and the hubs that it assigns. A product is an id scope. */
export const azure: Platform = {
	name: "azure",
	hostNames: ["*.azure-devices-provisioning.net", "*.azure-devices.net"],
	rules,
	auths: ["key"],
	registration: { default: "automatic", modes: ["off", "pre-created", "automatic"] },
	// For tests on this computer: the product's secret is the enrollment group's key.
	boardKeys: () => ({ dangerouslyUseGroupKey: true }),
	stateTitle: "Thing model",
	topicRows,
	operations: Object.values(operations),
	endpoints,
	corruptions,
	claimedIdentity,
	login,
	// Not a way to connect here.
	preSharedDevice: () => undefined,
};
