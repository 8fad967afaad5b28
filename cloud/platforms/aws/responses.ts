/**
 * The codes of rejected requests.
 *
 * The vendor publishes no list. Known from its users' reports are 400 with `InvalidCertificateOwnershipToken` or
 * `InvalidParameters`, and the status 403. All other situations have codes that cannot be mistaken for the vendor's.
 */

import type { ConversationResponse, RequestNames } from "../platform.js";
import { type RefusalKind, RegistrationRefusal } from "../registration-refusal.js";

type Rejection = readonly [statusCode: number, errorCode: string, errorMessage: string];

const parameters: Rejection = [400, "InvalidParameters", "The parameters are invalid (see the local cloud)."];

function rejectionOf(kind: RefusalKind): Rejection {
	switch (kind) {
		case "unknown-product":
			return [404, "LocalCloud.UnknownTemplate", "The template does not exist."];
		case "registration-off":
			return [403, "LocalCloud.RegistrationOff", "The template is disabled."];
		case "not-created":
			return [403, "LocalCloud.ThingNotCreated", "The provisioning hook does not know the serial number."];
		case "limit-reached":
			return [429, "LocalCloud.LimitReached", "A limit is reached (see the local cloud)."];
		default:
			return parameters;
	}
}

/** An ownership token that is not valid, or not any more. */
export class InvalidToken extends RegistrationRefusal {
	constructor(message: string) {
		super("bad-request", message);
	}
}

const invalidToken: Rejection = [
	400,
	"InvalidCertificateOwnershipToken",
	"The certificate ownership token is invalid.",
];

/** @returns the response at `/rejected`, and the journal's part */
export function rejection(
	topic: string,
	refusal: RegistrationRefusal,
	names: RequestNames,
): Pick<ConversationResponse, "message" | "outcome"> {
	const [statusCode, code, errorMessage] = refusal instanceof InvalidToken ? invalidToken : rejectionOf(refusal.kind);
	const payload = JSON.stringify({ statusCode, errorCode: code, errorMessage });
	return {
		message: { topic: `${topic}/rejected`, payload },
		outcome: { ...names, verdict: "refused", reason: refusal.message, code },
	};
}
