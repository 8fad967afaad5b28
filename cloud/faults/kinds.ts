/**
 * The faults: for each, the kinds of operation that can have it, where it takes effect, its parameters, and its phrase
 * in the journal. `docs/local-cloud.md` has the same as a table.
 */

import type { FaultRule } from "./rule.js";

/** Ports and registrations have names of their own; `connect` is a device's CONNECT, `session` what follows it. */
export type OperationKind =
	| "plain port"
	| "TLS port"
	| "HTTP registration"
	| "MQTT registration"
	| "connect"
	| "session";

/**
 * Where a fault takes effect.
 *
 * - `connection`: when a client, still unknown, connects to a port
 * - `request`: in place of the platform's registration
 * - `response`: on the response of a registration that was carried out
 * - `connack`: in place of the broker's CONNACK
 * - `session`: after a device's CONNACK
 */
export type Place = "connection" | "request" | "response" | "connack" | "session";

/** The keys of a rule that belong to certain faults. */
export type Parameter = "seconds" | "step" | "alert" | "status" | "retryAfter" | "location" | "bytes" | "code";

interface Effect {
	readonly at: Place;
	readonly needs?: readonly Parameter[];
	readonly takes?: readonly Parameter[];
}

export interface Kind {
	/** Operations of other kinds cannot have this fault. */
	readonly effects: Readonly<Partial<Record<OperationKind, Effect>>>;
	/** The platform of the registration applies it (`Platform.corruptions`), if it can. */
	readonly ofPlatform?: true;
	/** What it does: continues "a fault …". */
	phrase(rule: FaultRule): string;
}

/** The response of any registration. */
const anyResponse = { "HTTP registration": { at: "response" }, "MQTT registration": { at: "response" } } as const;

/** For faults that end or silence a connection. */
const anywhere = {
	...anyResponse,
	"plain port": { at: "connection" },
	"TLS port": { at: "connection", takes: ["step"] },
	connect: { at: "connack" },
	session: { at: "session", takes: ["seconds"] },
} as const;

const request = (parameters: Omit<Effect, "at"> = {}): Kind["effects"] => ({
	"HTTP registration": { at: "request", ...parameters },
});

/** Seconds after the CONNACK, or the step of a handshake. */
const when = ({ seconds, step }: FaultRule): string =>
	step !== undefined ? ` at ${step}` : seconds !== undefined ? ` after ${seconds} s` : "";

export const defaultBytes = 65_536;
export const defaultAlert = 40;
export const defaultLocation = "http://elsewhere.invalid/";

export const faultKinds = {
	delay: {
		effects: {
			"HTTP registration": { at: "response", needs: ["seconds"] },
			"MQTT registration": { at: "response", needs: ["seconds"] },
		},
		phrase: ({ seconds }) => `delays the answer by ${seconds} s`,
	},
	drop: { effects: anywhere, phrase: (rule) => `cuts the connection${when(rule)}` },
	silence: { effects: anywhere, phrase: (rule) => `keeps the connection and says nothing any more${when(rule)}` },
	alert: {
		effects: { "TLS port": { at: "connection", needs: ["step"], takes: ["alert"] } },
		phrase: ({ step, alert = defaultAlert }) =>
			step === "established" ? "ends the TLS connection by alert" : `sends TLS alert ${alert} in place of ${step}`,
	},
	reset: {
		effects: { "HTTP registration": { at: "response" } },
		phrase: () => "resets the connection in the middle of the answer",
	},
	status: {
		effects: request({ needs: ["status"], takes: ["retryAfter"] }),
		phrase: ({ status, retryAfter }) =>
			`answers with status ${status}${retryAfter === undefined ? "" : ` and Retry-After ${retryAfter}`}`,
	},
	redirect: {
		effects: request({ takes: ["location"] }),
		phrase: ({ location = defaultLocation }) => `redirects to ${location}`,
	},
	portal: { effects: request(), phrase: () => "answers with the page of a captive portal" },
	oversized: {
		effects: {
			"HTTP registration": { at: "response", takes: ["bytes"] },
			"MQTT registration": { at: "response", takes: ["bytes"] },
		},
		phrase: ({ bytes = defaultBytes }) => `makes the answer ${bytes} bytes long`,
	},
	truncated: { effects: anyResponse, phrase: () => "leaves out the second half of the answer" },
	"not-json": { effects: anyResponse, phrase: () => "makes the answer something else than JSON" },
	duplicate: { effects: anyResponse, phrase: () => "sends the answer twice" },
	"wrong-len": { effects: anyResponse, ofPlatform: true, phrase: () => "makes the answer's length field wrong" },
	"wrong-padding": {
		effects: anyResponse,
		ofPlatform: true,
		phrase: () => "pads the payload with other bytes than NUL",
	},
	"wrong-key": { effects: anyResponse, ofPlatform: true, phrase: () => "encrypts the payload with another key" },
	"wrong-secret": {
		effects: anyResponse,
		ofPlatform: true,
		phrase: () => "hands out another secret than the one that counts",
	},
	"wrong-device": { effects: anyResponse, ofPlatform: true, phrase: () => "gives the answer for another device" },
	connack: {
		effects: {
			"MQTT registration": { at: "connack", needs: ["code"] },
			connect: { at: "connack", needs: ["code"] },
		},
		phrase: ({ code }) => `answers with CONNACK ${code}`,
	},
} as const satisfies Record<string, Kind>;

export type FaultName = keyof typeof faultKinds;

/** Faults that a platform applies to its own valid responses. */
export type PlatformFault = {
	[Name in FaultName]: (typeof faultKinds)[Name] extends { readonly ofPlatform: true } ? Name : never;
}[FaultName];

export function kindOf(fault: FaultName): Kind {
	return faultKinds[fault];
}
