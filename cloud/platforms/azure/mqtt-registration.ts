import type { Connect, ConversationLogin, ConversationResponse, PlatformContext } from "../platform.js";
import { operations } from "./operations.js";
import { respond } from "./registration.js";
import { wellFormed } from "./rules.js";

const responses = "$dps/registrations/res/";
const registering = "$dps/registrations/PUT/iotdps-register/?";
const querying = "$dps/registrations/GET/iotdps-get-operationstatus/?";

/** Seconds. The service's own limit is not established. */
const timeLimit = 600;

/**
 * The connection of a registration. A wrong token is answered in the response to the first request, as the vendor's C SDK
 * expects it; whether the service refuses the CONNECT is not established.
 */
export function beginRegistration(
	idScope: string,
	registrationId: string,
	{ password: token }: Pick<Connect, "password">,
): ConversationLogin {
	const device = { idScope, registrationId, token };
	return {
		verdict: "registering",
		operation: operations.registerOverMqtt,
		reason: "Connected to register.",
		platform: "azure",
		names: wellFormed(idScope, registrationId),
		timeLimit,
		conversation: {
			mayPublish: (topic) => topic.startsWith(registering) || topic.startsWith(querying),
			maySubscribe: (filter) => filter === `${responses}#`,
			async respond(topic: string, body: Buffer, context: PlatformContext): Promise<ConversationResponse> {
				const isQuery = topic.startsWith(querying);
				const parameters = new URLSearchParams(topic.slice(topic.indexOf("?") + 1));
				const request = isQuery ? { operationId: parameters.get("operationId") ?? "" } : { body };
				const { status, retryAfter, body: payload, outcome } = respond({ ...device, ...request }, context);
				const wait = retryAfter === undefined ? "" : `&retry-after=${retryAfter}`;
				return {
					operation: isQuery ? operations.queryOverMqtt : operations.registerOverMqtt,
					message: { topic: `${responses}${status}/?$rid=${parameters.get("$rid") ?? ""}${wait}`, payload },
					outcome,
				};
			},
		},
	};
}
