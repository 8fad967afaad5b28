/**
 * The parameters of a CONNECT's client id say what it is for: a session with the device secret or with a token, or a
 * registration. Source: vendor documentation, Link SDK for C 4.2.
 *
 * CONNACK 2 and 4 are used as documented. Refusals without a documented number get 5.
 */

import type { Claim, Connect, Context, Login, RefusedLogin } from "../platform.js";
import { Refusal } from "../refusal.js";
import type { Attempt } from "./attempt.js";
import { type ClientId, parseClientId } from "./client-id.js";
import { register, registerFree } from "./mqtt-registration.js";
import { Rejection } from "./rejection.js";
import { rules, wellFormed } from "./rules.js";
import { loginWithSecret } from "./secret-login.js";
import { loginWithToken } from "./token-login.js";

interface Way {
	/** As in the journal. */
	readonly operation: string;
	/** @throws Rejection, Refusal */
	login(attempt: Attempt, operation: string): Login;
}

const registrations = {
	register: { operation: "register/mqtt", login: register },
	regnwl: { operation: "register/regnwl", login: registerFree },
} satisfies Record<string, Way>;

/** Registrations over MQTT, as in the journal. */
export const operations = Object.values(registrations).map(({ operation }) => operation);

const withSecret: Way = { operation: "connect", login: loginWithSecret };

/** By `authType`. */
const ways: Readonly<Record<string, Way>> = {
	...registrations,
	connwl: { operation: "connect", login: loginWithToken },
};

/** All client ids of this platform have bars, all user names an ampersand. */
function isOurs({ clientId, username }: Pick<Connect, "clientId" | "username">): boolean {
	return clientId.includes("|") || (username?.includes("&") ?? false);
}

export function claim(connect: Pick<Connect, "clientId" | "username">): Claim | undefined {
	if (!isOurs(connect)) return undefined;
	const [deviceName, productKey] = connect.username?.split("&") ?? [];
	const names = wellFormed(productKey, deviceName);
	try {
		return { operation: wayOf(parseClientId(connect.clientId)).operation, ...names };
	} catch {
		return { operation: withSecret.operation, ...names };
	}
}

export function login(connect: Connect, context: Context): Login | undefined {
	if (!isOurs(connect)) return undefined;
	const [deviceName = "", productKey = "", ...more] = connect.username?.split("&") ?? [];
	let known: Pick<RefusedLogin, "operation" | "product" | "device"> = wellFormed(productKey, deviceName);
	try {
		const clientId = parseClientId(connect.clientId);
		const { operation, login } = wayOf(clientId);
		known = { ...known, operation };
		if (more.length > 0) throw malformedUsername("there is more than one &");
		if (!known.product) throw malformedUsername(rules.productId.sentence);
		if (!known.device) throw malformedUsername(rules.deviceName.sentence);
		return login({ clientId, productKey, deviceName, connect, context }, operation);
	} catch (error) {
		if (!(error instanceof Rejection || error instanceof Refusal)) throw error;
		const code = error instanceof Rejection ? error.code : codeOf(error);
		const expected = error.expected && { expected: error.expected };
		return { verdict: "refused", code, reason: error.message, ...known, ...expected };
	}
}

function malformedUsername(sentence: string): Rejection {
	return new Rejection(4, `the user name must be the device name, an & and the productKey: ${sentence}`);
}

function wayOf({ parameters }: ClientId): Way {
	const authType = parameters.get("authType");
	if (authType === undefined) return withSecret;
	const way = Object.hasOwn(ways, authType) ? ways[authType] : undefined;
	if (way) return way;
	throw new Rejection(2, `the client id's authType must be one of ${Object.keys(ways).join(", ")}, or left out`);
}

/** @returns CONNACK */
function codeOf({ kind }: Refusal): RefusedLogin["code"] {
	return kind === "bad-signature" || kind === "unknown-product" ? 4 : 5;
}
