/**
 * What can go wrong on demand: for each fault where it strikes each kind of operation, what it takes to say it,
 * and what the journal says of it. `docs/local-cloud.md` has the same as a table.
 */

import type { FaultRule } from "./rule.js";

/** Ports are known by their names, registrations by the platform's; `connect` and `session` are of devices. */
export type OperationKind =
	| "plain port"
	| "TLS port"
	| "HTTP registration"
	| "MQTT registration"
	| "connect"
	| "session";

/**
 * - `connection`: somebody has come to a port; nobody knows who
 * - `request`: in place of what the platform would do
 * - `answer`: a registration has been carried out; what of its answer arrives
 * - `connack`: in place of what the broker would do with a CONNECT
 * - `session`: a device has been accepted by the broker
 */
export type Place = "connection" | "request" | "answer" | "connack" | "session";

/** What a rule may say beside whom it strikes. */
export type Parameter = "seconds" | "step" | "alert" | "status" | "retryAfter" | "location" | "bytes" | "code";

interface Strike {
	readonly at: Place;
	readonly needs?: readonly Parameter[];
	readonly takes?: readonly Parameter[];
}

export interface Kind {
	/** It cannot strike what is not here. */
	readonly strikes: Readonly<Partial<Record<OperationKind, Strike>>>;
	/** It is made by the platform of the registration, if that knows how. */
	readonly ofPlatform?: true;
	/** What it does, after "a fault …". */
	phrase(rule: FaultRule): string;
}

/** Of the answer to any registration, whichever way it comes. */
const anyAnswer = { "HTTP registration": { at: "answer" }, "MQTT registration": { at: "answer" } } as const;

/** Connections that end, or on which nothing happens any more. */
const anywhere = {
	...anyAnswer,
	"plain port": { at: "connection" },
	"TLS port": { at: "connection", takes: ["step"] },
	connect: { at: "connack" },
	session: { at: "session", takes: ["seconds"] },
} as const;

const request = (parameters: Omit<Strike, "at"> = {}): Kind["strikes"] => ({
	"HTTP registration": { at: "request", ...parameters },
});

/** Seconds after the CONNACK, or the step of a handshake. */
const when = ({ seconds, step }: FaultRule): string =>
	step !== undefined ? ` at ${step}` : seconds !== undefined ? ` after ${seconds} s` : "";

export const BYTES = 65_536;
export const ALERT = 40;
export const LOCATION = "http://elsewhere.invalid/";

export const KINDS = {
	delay: {
		strikes: {
			"HTTP registration": { at: "answer", needs: ["seconds"] },
			"MQTT registration": { at: "answer", needs: ["seconds"] },
		},
		phrase: ({ seconds }) => `delays the answer by ${seconds} s`,
	},
	drop: { strikes: anywhere, phrase: (rule) => `cuts the connection${when(rule)}` },
	silence: { strikes: anywhere, phrase: (rule) => `keeps the connection and says nothing any more${when(rule)}` },
	alert: {
		strikes: { "TLS port": { at: "connection", needs: ["step"], takes: ["alert"] } },
		phrase: ({ step, alert = ALERT }) =>
			step === "established" ? "ends the TLS connection by alert" : `sends TLS alert ${alert} in place of ${step}`,
	},
	reset: {
		strikes: { "HTTP registration": { at: "answer" } },
		phrase: () => "resets the connection in the middle of the answer",
	},
	status: {
		strikes: request({ needs: ["status"], takes: ["retryAfter"] }),
		phrase: ({ status, retryAfter }) =>
			`answers with status ${status}${retryAfter === undefined ? "" : ` and Retry-After ${retryAfter}`}`,
	},
	redirect: {
		strikes: request({ takes: ["location"] }),
		phrase: ({ location = LOCATION }) => `redirects to ${location}`,
	},
	portal: { strikes: request(), phrase: () => "answers with the page of a captive portal" },
	oversized: {
		strikes: {
			"HTTP registration": { at: "answer", takes: ["bytes"] },
			"MQTT registration": { at: "answer", takes: ["bytes"] },
		},
		phrase: ({ bytes = BYTES }) => `makes the answer ${bytes} bytes long`,
	},
	truncated: { strikes: anyAnswer, phrase: () => "leaves out the second half of the answer" },
	"not-json": { strikes: anyAnswer, phrase: () => "makes the answer something else than JSON" },
	duplicate: { strikes: anyAnswer, phrase: () => "sends the answer twice" },
	"wrong-len": { strikes: anyAnswer, ofPlatform: true, phrase: () => "makes the answer's length field wrong" },
	"wrong-padding": { strikes: anyAnswer, ofPlatform: true, phrase: () => "pads the payload with other bytes than NUL" },
	"wrong-key": { strikes: anyAnswer, ofPlatform: true, phrase: () => "encrypts the payload with another key" },
	"wrong-secret": {
		strikes: anyAnswer,
		ofPlatform: true,
		phrase: () => "hands out another secret than the one that counts",
	},
	"wrong-device": { strikes: anyAnswer, ofPlatform: true, phrase: () => "gives the answer for another device" },
	connack: {
		strikes: {
			"MQTT registration": { at: "connack", needs: ["code"] },
			connect: { at: "connack", needs: ["code"] },
		},
		phrase: ({ code }) => `answers with CONNACK ${code}`,
	},
} as const satisfies Record<string, Kind>;

export type FaultName = keyof typeof KINDS;

/** What a platform can make of its own right answers. */
export type PlatformFault = {
	[Name in FaultName]: (typeof KINDS)[Name] extends { readonly ofPlatform: true } ? Name : never;
}[FaultName];

export function kindOf(fault: FaultName): Kind {
	return KINDS[fault];
}
