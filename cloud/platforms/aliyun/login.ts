/**
 * The parameters of a CONNECT's client id say what it is for: a session with the device secret or with a token, or a
 * registration. Source: vendor documentation, Link SDK for C 4.2.
 *
 * CONNACK 2 and 4 are used as documented. Refusals without a documented number get 5.
 */

import type { ClaimedIdentity, Connect, Login, PlatformContext, RefusedLogin } from "../platform.js";
import { RegistrationRefusal } from "../registration-refusal.js";
import { type ClientId, parseClientId } from "./client-id.js";
import { ConnackError } from "./connack-error.js";
import { registerForSecret, registerForToken } from "./mqtt-registration.js";
import type { ParsedConnect } from "./parsed-connect.js";
import { rules, wellFormed } from "./rules.js";
import { loginWithSecret } from "./secret-login.js";
import { loginWithToken } from "./token-login.js";

interface ConnectKind {
	/** As in the journal. */
	readonly operation: string;
	/** @throws ConnackError, RegistrationRefusal */
	login(parsed: ParsedConnect, operation: string): Login;
}

const registrations = {
	register: { operation: "register/mqtt", login: registerForSecret },
	regnwl: { operation: "register/regnwl", login: registerForToken },
} satisfies Record<string, ConnectKind>;

/** Registrations over MQTT, as in the journal. */
export const operations = Object.values(registrations).map(({ operation }) => operation);

const withSecret: ConnectKind = { operation: "connect", login: loginWithSecret };

/** By `authType`. */
const connectKinds: Readonly<Record<string, ConnectKind>> = {
	...registrations,
	connwl: { operation: "connect", login: loginWithToken },
};

/**
 * All client ids of this platform have bars, all user names an ampersand, and none a bar or a slash. Those of AWS SDKs begin
 * with a question mark.
 */
function isOurs({ clientId, username = "" }: Pick<Connect, "clientId" | "username">): boolean {
	return !/^\?|[|/]/.test(username) && (clientId.includes("|") || username.includes("&"));
}

export function claimedIdentity(connect: Pick<Connect, "clientId" | "username">): ClaimedIdentity | undefined {
	if (!isOurs(connect)) return undefined;
	const [deviceName, productKey] = connect.username?.split("&") ?? [];
	const names = wellFormed(productKey, deviceName);
	try {
		return { operation: connectKindOf(parseClientId(connect.clientId)).operation, ...names };
	} catch {
		return { operation: withSecret.operation, ...names };
	}
}

export function login(connect: Connect, context: PlatformContext): Login | undefined {
	if (!isOurs(connect)) return undefined;
	const [deviceName = "", productKey = "", ...more] = connect.username?.split("&") ?? [];
	let known: Pick<RefusedLogin, "operation" | "product" | "device"> = wellFormed(productKey, deviceName);
	try {
		const clientId = parseClientId(connect.clientId);
		const { operation, login } = connectKindOf(clientId);
		known = { ...known, operation };
		if (more.length > 0) throw malformedUsername("The user name has more than one &.");
		if (!known.product) throw malformedUsername(rules.productId.violation);
		if (!known.device) throw malformedUsername(rules.deviceName.violation);
		return login({ clientId, productKey, deviceName, connect, context }, operation);
	} catch (error) {
		if (!(error instanceof ConnackError || error instanceof RegistrationRefusal)) throw error;
		const code = error instanceof ConnackError ? error.code : codeOf(error);
		const expected = error.expected && { expected: error.expected };
		return { verdict: "refused", code, reason: error.message, ...known, ...expected };
	}
}

function malformedUsername(sentence: string): ConnackError {
	return new ConnackError(
		4,
		`The user name is invalid. Expected the device name, an & and the productKey. ${sentence}`,
	);
}

function connectKindOf({ parameters }: ClientId): ConnectKind {
	const authType = parameters.get("authType");
	if (authType === undefined) return withSecret;
	const way = Object.hasOwn(connectKinds, authType) ? connectKinds[authType] : undefined;
	if (way) return way;
	throw new ConnackError(
		2,
		`The client id's authType is invalid. Expected one of ${Object.keys(connectKinds).join(", ")}, or no authType.`,
	);
}

/** @returns CONNACK */
function codeOf({ kind }: RegistrationRefusal): RefusedLogin["code"] {
	return kind === "bad-signature" || kind === "unknown-product" ? 4 : 5;
}
