import type { PlatformContext, RegistrationEndpoint, RegistrationRequest, RegistrationResponse } from "../platform.js";
import { operations } from "./operations.js";
import { respond } from "./registration.js";
import { wellFormed } from "./rules.js";

const device = "/{idScope}/registrations/{registrationId}";

export const endpoints: Readonly<Record<string, RegistrationEndpoint>> = {
	[`${device}/register`]: { operation: operations.register, method: "PUT", names, respond: register },
	[`${device}/operations/{operationId}`]: { operation: operations.query, method: "GET", names, respond: query },
};

function levelsOf({ path }: RegistrationRequest) {
	const [, idScope = "", , registrationId = "", , operationId = ""] = path.split("/");
	return { idScope: decoded(idScope), registrationId: decoded(registrationId), operationId: decoded(operationId) };
}

function decoded(level: string): string {
	try {
		return decodeURIComponent(level);
	} catch {
		return level;
	}
}

function names(request: RegistrationRequest) {
	const { idScope, registrationId } = levelsOf(request);
	return wellFormed(idScope, registrationId);
}

function register(request: RegistrationRequest, context: PlatformContext): RegistrationResponse {
	const { idScope, registrationId } = levelsOf(request);
	const { body, headers } = request;
	return respond({ idScope, registrationId, token: headers.authorization, body }, context);
}

function query(request: RegistrationRequest, context: PlatformContext): RegistrationResponse {
	return respond({ ...levelsOf(request), token: request.headers.authorization }, context);
}
