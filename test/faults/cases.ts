/** What goes wrong, and what a board makes of it. The same on every host. */

import type { FaultRule } from "@dynreg/cloud";
import type { Action, Code, Phase } from "dynreg/contracts/error";
import { type FlowName, flows } from "./flows.js";

/** When the board meets it: before it has a credential; with an active one; online. */
export type Story = "registering" | "connecting" | "online";

/** What the board says of it. */
export interface Complaint {
	readonly phase: Phase;
	readonly code: Code;
	readonly action: Action;
	/** Seconds that the server asked for. */
	readonly retryAfter?: number;
}

export interface Case {
	readonly name: string;
	readonly flow: FlowName;
	readonly story: Story;
	/** What goes wrong; `restart` is no rule, and a name that does not resolve is the board's. */
	readonly what: FaultRule | { readonly restart: number } | { readonly unknownName: "register" | "mqtt" };
	/** How often it strikes. */
	readonly times: number;
	/** Absent where the board notices nothing. */
	readonly says?: Complaint;
	/** Registrations that the cloud has carried out when the board is online. */
	readonly registrations: number;
	/** Seconds that it takes at most until the board has noticed. */
	readonly patience: number;
}

type Parameters = Omit<FaultRule, "operation" | "fault" | "count">;

/** One fault of a registration. */
interface Fault extends Parameters {
	readonly fault: FaultRule["fault"];
	readonly code?: number;
	readonly says?: Partial<Complaint>;
	/** Seconds until the board gives up, where it has to wait for that. */
	readonly deadline?: number;
	/** The cloud has carried it out, so there is a second registration. */
	readonly carriedOut?: true;
	readonly times?: number;
}

const bad = { code: "bad-answer" } as const;
const lost = { code: "connection-lost" } as const;
const tooLarge = { code: "answer-too-large" } as const;
const status = { code: "http-status" } as const;
const tls = { code: "tls-failed" } as const;
const late = { code: "timeout" } as const;

/** In answers, whichever way they come. */
const anyAnswer: readonly Fault[] = [
	{ fault: "drop", says: lost, carriedOut: true },
	{ fault: "oversized", says: tooLarge, carriedOut: true },
	{ fault: "truncated", says: bad, carriedOut: true },
	{ fault: "not-json", says: bad, carriedOut: true },
	{ fault: "duplicate" },
	{ fault: "wrong-secret", says: { phase: "connect", code: "credential-refused" }, carriedOut: true },
];

const overHttp: readonly Fault[] = [
	...anyAnswer,
	{ fault: "delay", seconds: 24, says: late, deadline: 20, carriedOut: true },
	{ fault: "silence", says: late, deadline: 20, carriedOut: true },
	{ fault: "reset", says: lost, carriedOut: true },
	// Longer than the board's own first wait can be, so that it shows.
	{ fault: "status", status: 429, retryAfter: 6, says: { ...status, action: "wait", retryAfter: 6 } },
	{ fault: "status", status: 500, retryAfter: 6, says: { ...status, retryAfter: 6 } },
	{ fault: "status", status: 503, retryAfter: 7, says: { ...status, action: "wait", retryAfter: 7 } },
	{ fault: "status", status: 503, says: { ...status, action: "wait" }, times: 2 },
	{ fault: "redirect", says: status },
	{ fault: "portal", says: bad },
];

const ofTencent: readonly Fault[] = [
	{ fault: "wrong-len", says: bad, carriedOut: true },
	{ fault: "wrong-padding", says: bad, carriedOut: true },
	{ fault: "wrong-key", says: bad, carriedOut: true },
];

const ofAliyun: readonly Fault[] = [{ fault: "wrong-device", says: bad, carriedOut: true }];

const overMqtt: readonly Fault[] = [
	...anyAnswer,
	{ fault: "delay", seconds: 13, says: late, deadline: 10, carriedOut: true },
	{ fault: "silence", says: late, deadline: 10, carriedOut: true },
	{ fault: "connack", code: 1, says: { code: "mqtt-refused", action: "stop" } },
	{ fault: "connack", code: 2, says: { code: "registration-refused", action: "stop" } },
	{ fault: "connack", code: 3, says: { code: "broker-unavailable" } },
	{ fault: "connack", code: 4, says: { code: "bad-product-secret", action: "stop" } },
	{ fault: "connack", code: 5, says: { code: "registration-refused", action: "stop" } },
];

/** At a port with TLS. */
const atPort = (deadline: number): readonly Fault[] => [
	{ fault: "drop", says: lost },
	{ fault: "drop", step: "certificate", says: lost },
	{ fault: "silence", says: late, deadline },
	{ fault: "silence", step: "server-hello-done", says: late, deadline },
	{ fault: "alert", step: "server-hello", says: tls, times: 2 },
	{ fault: "alert", step: "certificate", says: tls },
	{ fault: "alert", step: "server-key-exchange", says: tls },
	{ fault: "alert", step: "server-hello-done", says: tls },
	{ fault: "alert", step: "finished", says: tls },
	{ fault: "alert", step: "established", says: tls },
];

const connecting: readonly Fault[] = [
	{ fault: "drop", says: lost },
	{ fault: "silence", says: late, deadline: 30 },
	{ fault: "connack", code: 1, says: { code: "mqtt-refused", action: "stop" } },
	{ fault: "connack", code: 2, says: { code: "credential-refused" } },
	{ fault: "connack", code: 3, says: { code: "broker-unavailable" } },
	{ fault: "connack", code: 4, says: { code: "credential-refused" }, times: 2 },
	{ fault: "connack", code: 5, says: { code: "credential-refused" } },
];

const online: readonly Fault[] = [
	{ fault: "drop", says: lost },
	{ fault: "drop", seconds: 2, says: lost },
	// One and a half times the keep-alive, and a tick of whoever looks.
	{ fault: "silence", says: lost, deadline: 60 },
];

/** How TLS refuses a client's certificate, after it has been shown. */
const refusals: readonly Fault[] = [42, 44, 45, 46, 48, 49].map((alert) => ({
	fault: "alert",
	step: "finished",
	alert,
	says: { phase: "connect", code: "credential-refused" },
}));

const phases = { registering: "register", connecting: "connect", online: "session" } as const;

function caseOf(flow: FlowName, story: Story, operation: string, fault: Fault): Case {
	const { says, deadline = 0, carriedOut = false, times = 1, ...rule } = fault;
	const { operation: _, ...parameters } = { operation, ...rule };
	return {
		name: nameOf(operation, fault),
		flow,
		story,
		what: { ...parameters, operation, count: times },
		times,
		...(says && { says: { phase: phases[story], action: "retry", ...says } as Complaint }),
		registrations: 1 + (carriedOut ? times : 0),
		patience: deadline,
	};
}

function nameOf(operation: string, fault: Fault): string {
	const { fault: name, says: _, deadline: __, carriedOut: ___, times = 1, ...parameters } = fault;
	const details = Object.entries(parameters).map(([key, value]) => `${key} ${value}`);
	return [`${name} of ${operation}`, ...details, ...(times > 1 ? [`${times} times`] : [])].join(", ");
}

function restart(flow: FlowName, story: Story, seconds: number): Case {
	const code = story === "online" ? "connection-lost" : "connect-failed";
	return {
		name: `restart, gone for ${seconds} s`,
		flow,
		story,
		what: { restart: seconds },
		times: 1,
		says: { phase: phases[story], code, action: "retry" },
		registrations: 1,
		patience: 0,
	};
}

function unknownName(flow: FlowName, story: Story, at: "register" | "mqtt"): Case {
	return {
		name: `the name of ${at} is not known to the DNS`,
		flow,
		story,
		what: { unknownName: at },
		times: 1,
		says: { phase: phases[story], code: "dns-failed", action: "retry" },
		registrations: 1,
		patience: 20,
	};
}

export const cases: readonly Case[] = [
	...(["v2", "v1", "https"] as const).flatMap((flow) =>
		[...overHttp, ...(flow === "https" ? ofAliyun : ofTencent)].map((fault) =>
			caseOf(flow, "registering", flows[flow].operation, fault),
		),
	),
	...(["mqtt", "free"] as const).flatMap((flow) =>
		[...overMqtt, ...ofAliyun].map((fault) => caseOf(flow, "registering", flows[flow].operation, fault)),
	),
	...(["v2", "mqtt"] as const).flatMap((flow) =>
		atPort(20).map((fault) => caseOf(flow, "registering", flows[flow].port, fault)),
	),
	...(["v2", "mqtt", "free"] as const).flatMap((flow) => [
		...connecting.map((fault) => caseOf(flow, "connecting", "connect", fault)),
		...online.map((fault) => caseOf(flow, "online", "session", fault)),
		restart(flow, "online", 3),
	]),
	...atPort(30).map((fault) => caseOf("v2", "connecting", "mqtts", fault)),
	...refusals.map((fault) => caseOf("certificate", "connecting", "mqtts", fault)),
	...refusals.slice(0, 1).map((fault) => caseOf("certificate", "registering", "mqtts", { ...fault, carriedOut: true })),
	// Of no certificate, or by another alert, it is no refusal of a credential.
	caseOf("certificate", "connecting", "mqtts", { fault: "alert", step: "finished", alert: 80, says: tls }),
	caseOf("v2", "connecting", "mqtts", { fault: "alert", step: "finished", alert: 44, says: tls }),
	caseOf("certificate", "connecting", "mqtts", { fault: "alert", step: "certificate", alert: 44, says: tls }),
	// Longer than any board takes to come to its first request.
	restart("v2", "registering", 30),
	restart("mqtt", "connecting", 30),
	unknownName("v2", "registering", "register"),
	unknownName("mqtt", "registering", "mqtt"),
	unknownName("v2", "connecting", "mqtt"),
];

/** Every fault of every story once, with flows taking turns: for a host on which boards are dear. */
export function oneOfEach(all: readonly Case[]): Case[] {
	const kinds = new Map<string, Case[]>();
	for (const one of all) kinds.set(kindOf(one), [...(kinds.get(kindOf(one)) ?? []), one]);
	const used = new Map<FlowName, number>();
	return [...kinds.values()].map((kind) => {
		const [first, ...others] = kind as [Case, ...Case[]];
		const often = ({ flow }: Case) => used.get(flow) ?? 0;
		const chosen = others.reduce((least, one) => (often(one) < often(least) ? one : least), first);
		used.set(chosen.flow, often(chosen) + 1);
		return chosen;
	});
}

function kindOf({ story, what, times, says }: Case): string {
	if (!("fault" in what)) return JSON.stringify([story, what]);
	const { operation, alert: _, ...rule } = what;
	// What happens at one port happens at the other, whatever it is that is tried there.
	const port = operation === "https" || operation === "mqtts";
	return JSON.stringify([port ? "port" : story, rule, times, says?.code]);
}
