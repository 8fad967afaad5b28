import { randomBytes } from "node:crypto";
import type { Platform, RegistrationEndpoint } from "../platform.js";
import { claimedIdentity, login, operation as mqttOperation } from "./login.js";
import { namesIn, provision } from "./provision.js";
import { rules } from "./rules.js";
import { topicRows } from "./topics.js";

const endpoint: RegistrationEndpoint = {
	operation: "register/provision",
	names: ({ body }) => namesIn(body),
	respond({ body }, context) {
		const { isMalformed, ...response } = provision(body, context);
		// What the server's status is then is not established.
		return { ...response, ...(isMalformed && { status: 400 }) };
	},
};

/** ThingsBoard's device provisioning, access tokens and basic credentials. */
export const thingsboard: Platform = {
	name: "thingsboard",
	// Servers are self-hosted: a board's configuration names the local cloud.
	hostNames: [],
	rules,
	auths: ["key"],
	registration: { default: "automatic", modes: ["off", "pre-created", "automatic"] },
	boardKeys: () => ({ host: "localhost" }),
	stateTitle: "Telemetry",
	topicRows,
	operations: [endpoint.operation, mqttOperation],
	endpoints: { "/api/v1/provision": endpoint },
	corruptions: {
		"wrong-secret": (response) => {
			const body = JSON.parse(response);
			const other = randomBytes(10).toString("hex");
			if (typeof body.credentialsValue === "string") body.credentialsValue = other;
			else body.credentialsValue.password = other;
			return JSON.stringify(body);
		},
	},
	claimedIdentity,
	login,
	preSharedDevice: () => undefined,
};
