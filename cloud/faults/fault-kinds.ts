/**
 * The faults: for each, the kinds of operation that can have it, where it takes effect, its parameters, and its phrase
 * in the journal. `docs/guides/local-cloud.md` has the same as a table.
 */

import type { FaultRule } from "./fault-rule.js";

/**
 * Ports and registrations have names of their own. `connect` is a device's CONNECT, `session` what follows it;
 * `publish` and `subscribe` are a device's packets, `message` is one of the platform.
 */
export type OperationKind =
	| "plain port"
	| "TLS port"
	| "HTTP registration"
	| "MQTT registration"
	| "connect"
	| "session"
	| "publish"
	| "subscribe"
	| "message";

/**
 * Where a fault takes effect.
 *
 * - `connection`: when a client, still unknown, connects to a port
 * - `request`: in place of the platform's registration
 * - `response`: on the response of a registration that was carried out
 * - `connack`: in place of the broker's CONNACK
 * - `session`: after a device's CONNACK
 * - `puback`: in place of the PUBACK of a device's message
 * - `suback`: on the SUBACK of a device's subscription
 * - `message`: on a message of the platform
 */
export type FaultPoint =
	| "connection"
	| "request"
	| "response"
	| "connack"
	| "session"
	| "puback"
	| "suback"
	| "message";

/** The keys of a rule that belong to certain faults. */
export type RuleParameter = "seconds" | "step" | "alert" | "status" | "retryAfter" | "location" | "bytes" | "code";

interface Effect {
	readonly point: FaultPoint;
	readonly requires?: readonly RuleParameter[];
	readonly allows?: readonly RuleParameter[];
}

export interface FaultKind {
	/** Operations of other kinds cannot have this fault. */
	readonly effects: Readonly<Partial<Record<OperationKind, Effect>>>;
	/** The platform of the registration applies it (`Platform.corruptions`), if it can. */
	readonly byPlatform?: true;
	/** What happens: continues "Fault: …". */
	describe(rule: FaultRule): string;
}

/** The response of any registration. */
const onResponse = { "HTTP registration": { point: "response" }, "MQTT registration": { point: "response" } } as const;

/** For faults that end or silence a connection. */
const onAnyConnection = {
	...onResponse,
	"plain port": { point: "connection" },
	"TLS port": { point: "connection", allows: ["step"] },
	connect: { point: "connack" },
	session: { point: "session", allows: ["seconds"] },
} as const;

const onRequest = (parameters: Omit<Effect, "point"> = {}): FaultKind["effects"] => ({
	"HTTP registration": { point: "request", ...parameters },
});

/** Seconds after the CONNACK, or the step of a handshake. */
const describeTime = ({ seconds, step }: FaultRule): string =>
	step !== undefined ? ` at ${step}` : seconds !== undefined ? ` after ${seconds} s` : "";

export const defaultBytes = 65_536;
export const defaultAlert = 40;
export const defaultLocation = "http://elsewhere.invalid/";

export const faultKinds = {
	delay: {
		effects: {
			"HTTP registration": { point: "response", requires: ["seconds"] },
			"MQTT registration": { point: "response", requires: ["seconds"] },
			subscribe: { point: "suback", requires: ["seconds"] },
		},
		describe: ({ seconds }) => `response delayed by ${seconds} s`,
	},
	drop: { effects: onAnyConnection, describe: (rule) => `connection closed${describeTime(rule)}` },
	silence: {
		effects: onAnyConnection,
		describe: (rule) => `connection left open without data${describeTime(rule)}`,
	},
	alert: {
		effects: { "TLS port": { point: "connection", requires: ["step"], allows: ["alert"] } },
		describe: ({ step, alert = defaultAlert }) =>
			step === "established" ? "TLS alert after the handshake" : `TLS alert ${alert} in place of ${step}`,
	},
	reset: {
		effects: { "HTTP registration": { point: "response" } },
		describe: () => "connection reset in the middle of the response",
	},
	status: {
		effects: onRequest({ requires: ["status"], allows: ["retryAfter"] }),
		describe: ({ status, retryAfter }) =>
			`response with status ${status}${retryAfter === undefined ? "" : ` and Retry-After ${retryAfter}`}`,
	},
	redirect: {
		effects: onRequest({ allows: ["location"] }),
		describe: ({ location = defaultLocation }) => `redirect to ${location}`,
	},
	portal: { effects: onRequest(), describe: () => "response of a captive portal" },
	oversized: {
		effects: {
			"HTTP registration": { point: "response", allows: ["bytes"] },
			"MQTT registration": { point: "response", allows: ["bytes"] },
		},
		describe: ({ bytes = defaultBytes }) => `response of ${bytes} bytes`,
	},
	truncated: { effects: onResponse, describe: () => "second half of the response left out" },
	"not-json": { effects: onResponse, describe: () => "response that is not JSON" },
	duplicate: {
		effects: { ...onResponse, message: { point: "message" } },
		describe: ({ operation }) => (operation === "message" ? "message sent twice" : "response sent twice"),
	},
	"wrong-len": { effects: onResponse, byPlatform: true, describe: () => "wrong length in the response" },
	"wrong-padding": {
		effects: onResponse,
		byPlatform: true,
		describe: () => "payload with wrong padding",
	},
	"wrong-key": { effects: onResponse, byPlatform: true, describe: () => "payload encrypted with another key" },
	"wrong-secret": {
		effects: onResponse,
		byPlatform: true,
		describe: () => "response with another secret or private key than the valid one",
	},
	"wrong-device": { effects: onResponse, byPlatform: true, describe: () => "response for another device" },
	"stop-reading": {
		effects: { session: { point: "session", allows: ["seconds"] } },
		describe: (rule) => `nothing read any more${describeTime(rule)}`,
	},
	"lost-puback": { effects: { publish: { point: "puback" } }, describe: () => "PUBACK not sent" },
	suback: { effects: { subscribe: { point: "suback" } }, describe: () => "response with SUBACK 128" },
	connack: {
		effects: {
			"MQTT registration": { point: "connack", requires: ["code"] },
			connect: { point: "connack", requires: ["code"] },
		},
		describe: ({ code }) => `response with CONNACK ${code}`,
	},
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof faultKinds;

/** Faults that a platform applies to its own valid responses. */
export type PlatformFault = {
	[Name in FaultName]: (typeof faultKinds)[Name] extends { readonly byPlatform: true } ? Name : never;
}[FaultName];

export function faultKind(fault: FaultName): FaultKind {
	return faultKinds[fault];
}
