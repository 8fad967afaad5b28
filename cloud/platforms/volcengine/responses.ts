/**
 * The codes and texts of registration responses.
 *
 * 10000030 with its text, to the letter, is from a response that a comment of the vendor's C SDK keeps. 10000050 (resource
 * not found) is in its Go SDK, 12000130 (licences are exhausted) in its kit for conversational AI. 27000010 (wrong
 * signature) is in the Go SDK for another request of the same API; that registrations are refused with it is not
 * established. All other situations have codes that cannot be mistaken for the vendor's: 900001 and up, as in `tencent/`.
 * That refusals come with HTTP status 200 is not established either.
 */

import type { RefusalKind } from "../registration-refusal.js";
import type { EncryptedPayload } from "./payload.js";

interface ErrorText {
	readonly code: number;
	readonly message: string;
}

const invalidParameter: ErrorText = { code: 10000030, message: "The parameter %s is invalid." };
const notFound: ErrorText = { code: 10000050, message: "Resource not found" };

const errors: Readonly<Record<RefusalKind, ErrorText>> = {
	"bad-request": invalidParameter,
	"bad-device-name": invalidParameter,
	"unknown-product": notFound,
	"not-created": notFound,
	"bad-signature": { code: 27000010, message: "Signature is invalid" },
	"limit-reached": { code: 12000130, message: "License is exhausted" },
	"registration-off": { code: 900003, message: "Dynamic registration is off" },
	"bad-timestamp": { code: 900006, message: "Timestamp is invalid" },
	// An active device may register again, and there are no certificates.
	"already-active": { code: 900007, message: "Device is active" },
	"bad-certificate": invalidParameter,
};

const metadata = { Action: "DynamicRegister", Version: "2021-12-14" };

export function successBody({ len, payload }: EncryptedPayload): string {
	return JSON.stringify({ ResponseMetadata: metadata, Result: { len, payload } });
}

export function errorResponse(kind: RefusalKind): { readonly body: string; readonly code: number } {
	const { code, message } = errors[kind];
	const ResponseMetadata = { ...metadata, Error: { CodeN: code, Message: message } };
	return { code, body: JSON.stringify({ ResponseMetadata }) };
}
