/**
 * The codes and texts of registration responses.
 *
 * The vendor publishes no list. Known from its users' logs are 1010 and 1021 of v1 with their texts, and from its FAQ
 * the text "X-Tc-Timestamp error" of v2. `AuthFailure.SignatureFailure` and `InvalidParameterValue` are the vendor's
 * generic cloud API codes; whether this endpoint uses them is not established. All other situations have codes that
 * cannot be mistaken for the vendor's: 900001 and up, and `LocalCloud.…`.
 */

import { randomUUID } from "node:crypto";
import type { RefusalKind } from "../registration-refusal.js";
import type { EncryptedPayload } from "./payload.js";

interface ErrorText {
	readonly v1: number;
	readonly v2: string;
	/** At most 100 characters: the vendor's C SDK reads 256 bytes of response in all. */
	readonly message: string;
}

const errors: Readonly<Record<RefusalKind, ErrorText>> = {
	"bad-signature": { v1: 1010, v2: "AuthFailure.SignatureFailure", message: "Check signature failed" },
	"already-active": { v1: 1021, v2: "LocalCloud.DeviceActivated", message: "Device has been activated" },
	// v1 checks no timestamp.
	"bad-timestamp": { v1: 900001, v2: "InvalidParameterValue", message: "X-Tc-Timestamp error" },
	"bad-request": { v1: 900001, v2: "LocalCloud.BadRequest", message: "Request not understood (see the local cloud)" },
	"bad-device-name": { v1: 900001, v2: "LocalCloud.BadRequest", message: "Device name is malformed" },
	"unknown-product": { v1: 900002, v2: "LocalCloud.UnknownProduct", message: "Product does not exist" },
	"registration-off": { v1: 900003, v2: "LocalCloud.RegistrationOff", message: "Dynamic registration is off" },
	"not-created": { v1: 900004, v2: "LocalCloud.DeviceNotCreated", message: "Device name has not been created" },
	"bad-certificate": { v1: 900006, v2: "LocalCloud.BadCertificate", message: "Client certificate missing or refused" },
	"limit-reached": { v1: 900005, v2: "LocalCloud.LimitReached", message: "Limit of registered devices reached" },
};

/** The responses of one version of the protocol. */
export interface Responses {
	successBody(payload: EncryptedPayload): string;
	/** @returns also the code, for the journal */
	errorResponse(kind: RefusalKind): { readonly body: string; readonly code: number | string };
}

export const v1: Responses = {
	successBody: ({ len, payload }) =>
		JSON.stringify({ code: 0, message: "success", len, payload, requestId: randomUUID() }),
	errorResponse(kind) {
		const { v1: code, message } = errors[kind];
		return { code, body: JSON.stringify({ code, message, requestId: randomUUID() }) };
	},
};

export const v2: Responses = {
	successBody: ({ len, payload }) =>
		JSON.stringify({ Response: { Len: len, Payload: payload, RequestId: randomUUID() } }),
	errorResponse(kind) {
		const { v2: code, message } = errors[kind];
		const body = JSON.stringify({
			Response: { Error: { Code: code, Message: message }, RequestId: randomUUID() },
		});
		return { code, body };
	},
};
