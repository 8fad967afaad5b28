/**
 * The codes and texts of registration responses over HTTPS.
 *
 * 6289 with its text is from a real device's log. 460, 401, 6100, 6250 and 6280 are documented; that this endpoint
 * sends 401 for a bad sign is not established. All other situations have codes that cannot be mistaken for the
 * vendor's: 900001 and up, as in `tencent/`.
 *
 * Responses stay below 192 bytes, the buffer of Link SDK for C 4.2, unless the operator sets a secret of more than 48
 * characters.
 */

import type { RefusalKind } from "../registration-refusal.js";

interface ErrorText {
	readonly code: number;
	readonly message: string;
}

const errors: Readonly<Record<RefusalKind, ErrorText>> = {
	"already-active": { code: 6289, message: "device is already active" },
	"bad-request": { code: 460, message: "parameter error" },
	"bad-signature": { code: 401, message: "auth error" },
	"not-created": { code: 6100, message: "no such device" },
	"unknown-product": { code: 6250, message: "no such product" },
	"bad-device-name": { code: 6280, message: "device name out of spec" },
	"registration-off": { code: 900003, message: "dynamic registration is off" },
	// This endpoint creates no device, and checks no time and no certificate.
	"limit-reached": { code: 900005, message: "limit of registered devices reached" },
	"bad-timestamp": { code: 460, message: "parameter error" },
	"bad-certificate": { code: 460, message: "parameter error" },
};

export function successBody(productKey: string, deviceName: string, deviceSecret: string): string {
	return JSON.stringify({ code: 200, data: { deviceName, deviceSecret, productKey }, message: "success" });
}

export function errorResponse(kind: RefusalKind): { readonly body: string; readonly code: number } {
	const { code, message } = errors[kind];
	return { code, body: JSON.stringify({ code, message }) };
}
