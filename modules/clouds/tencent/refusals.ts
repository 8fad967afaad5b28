import type { Action, Code } from "../../contracts/error.js";
import { Failure } from "../../core/errors.js";
import type { Secret } from "../../core/secret.js";
import { said } from "../registration-response.js";

interface Row {
	/** The platform's code: a number in v1, a name or its beginning in v2. */
	readonly is?: number | string;
	/** What the platform's message contains. */
	readonly says?: string;
	readonly code: Code;
	readonly action: Action;
	readonly advice: string;
}

/**
 * What a refused registration means. The vendor publishes no complete list; these rows
 * are what logs of the real platform show (1010, 1021, the timestamp), and the names that the
 * vendor's cloud API has for a bad signature, its own faults and too many requests. The last row is for everything else.
 */
function table(): readonly Row[] {
	const compare = "Compare productId and productSecret with the product's page in the console.";
	const patience = "The platform is overloaded or limits the rate; the board tries again by itself.";
	return [
		{ is: 1010, says: "Check signature failed", code: "bad-product-secret", action: "stop", advice: compare },
		{ is: "AuthFailure.SignatureFailure", code: "bad-product-secret", action: "stop", advice: compare },
		{
			is: 1021,
			says: "has been activated",
			code: "already-activated",
			action: "stop",
			advice: "Reset or delete the device in the console, then it can register again.",
		},
		{
			says: "X-Tc-Timestamp error",
			code: "bad-timestamp",
			action: "retry",
			advice: "The board's clock is wrong; check that it can reach a time server.",
		},
		{ is: "InternalError", code: "registration-refused", action: "wait", advice: patience },
		{ is: "RequestLimitExceeded", code: "registration-refused", action: "wait", advice: patience },
		{
			says: "",
			code: "registration-refused",
			action: "stop",
			advice:
				"Check in the console that dynamic registration is on, that the device name is created or automatic creation is allowed, and that the limit of devices is not reached.",
		},
	];
}

/** A registration that the platform refused, from its own code and message, which may echo the secret. */
export function refused(code: unknown, message: unknown, secret: Secret): Failure {
	const words = said(message, secret);
	const name = code === undefined ? "undefined" : said(code, secret);
	const number = typeof code === "number" ? code : undefined;
	const row = table().find(
		({ is, says }) =>
			(is !== undefined && (is === code || name.startsWith(`${is}`))) || (says !== undefined && words.includes(says)),
	) as Row;
	return new Failure(
		"register",
		row.code,
		row.action,
		`The platform refused the registration: ${words} (${name}). ${row.advice}`,
		number === undefined ? {} : { number },
	);
}
