import type { Platform } from "../platform.js";
import { claimKeys, isClaimKey, newClaimKey } from "./claim-key.js";
import { operations } from "./conversation.js";
import { corruptions } from "./corruptions.js";
import { claimedIdentity, login } from "./login.js";
import { rules } from "./rules.js";
import { topicRows } from "./topics.js";

/** Some of the vendor's regions, for the names in the server's certificate. */
const regions = ["us-east-1", "us-west-2", "eu-central-1", "eu-west-1", "ap-northeast-1", "ap-southeast-1"];

/** AWS IoT Core, fleet provisioning by claim. A product is a provisioning template with its claim certificate. */
export const aws: Platform = {
	name: "aws",
	hostNames: regions.map((region) => `*.iot.${region}.amazonaws.com`),
	rules,
	claims: { newKey: newClaimKey, isKey: isClaimKey, boardKeys: claimKeys },
	auths: ["certificate"],
	// By analogy: a disabled template, a provisioning hook that knows the serial numbers, no hook.
	registration: { default: "automatic", modes: ["off", "pre-created", "automatic"] },
	stateTitle: "Device shadow",
	topicRows,
	operations: Object.values(operations),
	endpoints: {},
	corruptions,
	claimedIdentity,
	login,
	preSharedDevice: () => undefined,
};
