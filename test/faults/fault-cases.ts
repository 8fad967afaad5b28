/** What goes wrong, and what a board makes of it. The same on every host. */

import type { FaultRule } from "@dynreg/cloud";
import type { Action, Code, Phase } from "dynreg/contracts/error";
import { type FlowName, registrationFlows } from "./flows.js";

/** When the board meets it: before it has a credential; with an active one; online. */
export type FaultMoment = "registering" | "connecting" | "online";

/** What the board says of it. */
export interface ExpectedFailure {
	readonly phase: Phase;
	readonly code: Code;
	readonly action: Action;
	/** Seconds that the server asked for. */
	readonly retryAfter?: number;
}

export interface FaultCase {
	readonly name: string;
	readonly flow: FlowName;
	readonly moment: FaultMoment;
	/** What goes wrong; `restart` is no rule, and a name that does not resolve is the board's. */
	readonly fault: FaultRule | { readonly restart: number } | { readonly unknownName: "register" | "mqtt" };
	/** How often the fault is triggered. */
	readonly times: number;
	/** Absent where the board notices nothing. */
	readonly expectedFailure?: ExpectedFailure;
	/** The cloud has carried out the registration that has failed. */
	readonly carriedOut: boolean;
	/** Not in the simulator, where boards are slow, since it differs from another case only in the flow. */
	readonly skipsSimulator?: boolean;
	/** Registrations that the cloud has carried out when the board is online. */
	readonly registrations: number;
	/** Seconds that it takes at most until the board has noticed. */
	readonly timeout: number;
}

type Parameters = Omit<FaultRule, "operation" | "fault" | "count">;

/** One fault of a registration. */
interface Fault extends Parameters {
	readonly fault: FaultRule["fault"];
	readonly code?: number;
	readonly expectedFailure?: Partial<ExpectedFailure>;
	/** Seconds until the board gives up, where it has to wait for that. */
	readonly deadline?: number;
	/** The cloud has carried it out, so there is a second registration. */
	readonly carriedOut?: true;
	readonly times?: number;
	readonly skipsSimulator?: boolean;
}

const bad = { code: "bad-answer" } as const;
const lost = { code: "connection-lost" } as const;
const tooLarge = { code: "answer-too-large" } as const;
const status = { code: "http-status" } as const;
const tls = { code: "tls-failed" } as const;
const late = { code: "timeout" } as const;

/** In answers, whichever way they come. */
const anyResponse: readonly Fault[] = [
	{ fault: "drop", expectedFailure: lost, carriedOut: true },
	{ fault: "oversized", expectedFailure: tooLarge, carriedOut: true },
	{ fault: "truncated", expectedFailure: bad, carriedOut: true },
	{ fault: "not-json", expectedFailure: bad, carriedOut: true },
	{ fault: "duplicate" },
	{ fault: "wrong-secret", expectedFailure: { phase: "connect", code: "credential-refused" }, carriedOut: true },
];

const overHttp: readonly Fault[] = [
	...anyResponse,
	{ fault: "delay", seconds: 24, expectedFailure: late, deadline: 20, carriedOut: true },
	{ fault: "silence", expectedFailure: late, deadline: 20, carriedOut: true },
	{ fault: "reset", expectedFailure: lost, carriedOut: true },
	// Longer than the board's own first wait can be, so that it shows.
	{ fault: "status", status: 429, retryAfter: 6, expectedFailure: { ...status, action: "wait", retryAfter: 6 } },
	{ fault: "status", status: 500, retryAfter: 6, expectedFailure: { ...status, retryAfter: 6 } },
	{ fault: "status", status: 503, retryAfter: 7, expectedFailure: { ...status, action: "wait", retryAfter: 7 } },
	{ fault: "status", status: 503, expectedFailure: { ...status, action: "wait" }, times: 2 },
	{ fault: "redirect", expectedFailure: status },
	{ fault: "portal", expectedFailure: bad },
];

/** Of encrypted responses. */
const ofPayload: readonly Fault[] = [
	{ fault: "wrong-len", expectedFailure: bad, carriedOut: true },
	{ fault: "wrong-padding", expectedFailure: bad, carriedOut: true },
	{ fault: "wrong-key", expectedFailure: bad, carriedOut: true },
];

const ofAliyun: readonly Fault[] = [{ fault: "wrong-device", expectedFailure: bad, carriedOut: true }];

const overMqtt: readonly Fault[] = [
	...anyResponse,
	{ fault: "delay", seconds: 13, expectedFailure: late, deadline: 10, carriedOut: true },
	{ fault: "silence", expectedFailure: late, deadline: 10, carriedOut: true },
	{ fault: "connack", code: 1, expectedFailure: { code: "mqtt-refused", action: "needs-attention" } },
	{ fault: "connack", code: 2, expectedFailure: { code: "registration-refused", action: "needs-attention" } },
	{ fault: "connack", code: 3, expectedFailure: { code: "broker-unavailable" } },
	{ fault: "connack", code: 4, expectedFailure: { code: "bad-product-secret", action: "needs-attention" } },
	{ fault: "connack", code: 5, expectedFailure: { code: "registration-refused", action: "needs-attention" } },
];

/** Of keys and certificate: the thing is not registered then. */
const ofClaimedCertificate: readonly Fault[] = [
	{ fault: "drop", expectedFailure: lost },
	{ fault: "oversized", expectedFailure: tooLarge },
	{ fault: "truncated", expectedFailure: bad },
	{ fault: "not-json", expectedFailure: bad },
	{ fault: "wrong-secret", expectedFailure: bad },
	{ fault: "duplicate" },
	{ fault: "delay", seconds: 13, expectedFailure: late, deadline: 10 },
	{ fault: "silence", expectedFailure: late, deadline: 10 },
];

/** Of the thing. A registration whose response is lost is repeated. */
const ofThing: readonly Fault[] = [
	...anyResponse.filter(({ fault }) => fault !== "wrong-secret"),
	{ fault: "delay", seconds: 13, expectedFailure: late, deadline: 10, carriedOut: true },
	{ fault: "silence", expectedFailure: late, deadline: 10, carriedOut: true },
];

const ofClaim: readonly Fault[] = [
	{ fault: "connack", code: 1, expectedFailure: { code: "mqtt-refused", action: "needs-attention" } },
	{ fault: "connack", code: 3, expectedFailure: { code: "broker-unavailable" } },
	{ fault: "connack", code: 5, expectedFailure: { code: "registration-refused", action: "needs-attention" } },
];

/** The server takes a name once: another secret than the proposed one, of a server in error, is final. */
const ofProposal: readonly Fault[] = overHttp.filter(({ fault }) => fault !== "wrong-secret");

/** Of the request to register, which may be repeated. */
const ofAssignment = (all: readonly Fault[]): readonly Fault[] =>
	all
		.filter(({ fault }) => fault !== "wrong-secret")
		.map(({ carriedOut: _, ...fault }) => ({ ...fault, skipsSimulator: true }));

/** Of the request for the hub. */
const ofHub = (all: readonly Fault[]): readonly Fault[] => [
	...all.filter(({ fault }) => fault !== "wrong-secret" && fault !== "connack"),
	{ fault: "wrong-device", expectedFailure: bad, carriedOut: true },
];

/** Over MQTT: as with HTTP, but for how they come. */
const ofRegistrar: readonly Fault[] = overMqtt.map((fault) =>
	fault.fault === "connack" && fault.code !== 1 && fault.code !== 3
		? { ...fault, expectedFailure: { code: "bad-product-secret", action: "needs-attention" } }
		: fault,
);

const inSimulator = (faults: readonly Fault[], ...chosen: FaultRule["fault"][]): readonly Fault[] =>
	faults.map((fault) => ({ ...fault, skipsSimulator: !chosen.includes(fault.fault) }));

/** At a port with TLS. */
const atPort = (deadline: number): readonly Fault[] => [
	{ fault: "drop", expectedFailure: lost },
	{ fault: "drop", step: "certificate", expectedFailure: lost },
	{ fault: "silence", expectedFailure: late, deadline },
	{ fault: "silence", step: "server-hello-done", expectedFailure: late, deadline },
	{ fault: "alert", step: "server-hello", expectedFailure: tls, times: 2 },
	{ fault: "alert", step: "certificate", expectedFailure: tls },
	{ fault: "alert", step: "server-key-exchange", expectedFailure: tls },
	{ fault: "alert", step: "server-hello-done", expectedFailure: tls },
	{ fault: "alert", step: "finished", expectedFailure: tls },
	{ fault: "alert", step: "established", expectedFailure: tls },
];

const connecting: readonly Fault[] = [
	{ fault: "drop", expectedFailure: lost },
	{ fault: "silence", expectedFailure: late, deadline: 30 },
	{ fault: "connack", code: 1, expectedFailure: { code: "mqtt-refused", action: "needs-attention" } },
	{ fault: "connack", code: 2, expectedFailure: { code: "credential-refused" } },
	{ fault: "connack", code: 3, expectedFailure: { code: "broker-unavailable" } },
	{ fault: "connack", code: 4, expectedFailure: { code: "credential-refused" }, times: 2 },
	{ fault: "connack", code: 5, expectedFailure: { code: "credential-refused" } },
];

const online: readonly Fault[] = [
	{ fault: "drop", expectedFailure: lost },
	{ fault: "drop", seconds: 2, expectedFailure: lost },
	// One and a half times the keep-alive, and a tick of the supervision.
	{ fault: "silence", expectedFailure: lost, deadline: 60 },
	// No response to the keep-alive, as it is not read.
	{ fault: "stop-reading", expectedFailure: lost, deadline: 60 },
];

/** How TLS refuses a client's certificate, after it has been shown. */
const certificateRefusals: readonly Fault[] = [42, 40, 43, 44, 45, 46, 48, 49, 50, 51].map((alert) => ({
	fault: "alert",
	step: "finished",
	alert,
	expectedFailure: { phase: "connect", code: "credential-refused" },
}));

const phases = { registering: "register", connecting: "connect", online: "session" } as const;

function caseOf(flow: FlowName, moment: FaultMoment, operation: string, fault: Fault): FaultCase {
	const { expectedFailure, deadline = 0, carriedOut = false, times = 1, skipsSimulator = false, ...rule } = fault;
	const { operation: _, ...parameters } = { operation, ...rule };
	return {
		name: nameOf(operation, fault),
		flow,
		moment,
		fault: { ...parameters, operation, count: times },
		times,
		...(expectedFailure && {
			expectedFailure: { phase: phases[moment], action: "retry", ...expectedFailure } as ExpectedFailure,
		}),
		carriedOut,
		skipsSimulator,
		// A proposed credential is good once the cloud has it, though the response is lost.
		registrations: 1 + (carriedOut && !("proposes" in registrationFlows[flow]) ? times : 0),
		timeout: deadline,
	};
}

function nameOf(operation: string, fault: Fault): string {
	const { fault: name, expectedFailure: _, deadline: __, carriedOut: ___, skipsSimulator: ____, ...others } = fault;
	const { times = 1, ...parameters } = others;
	const details = Object.entries(parameters).map(([key, value]) => `${key} ${value}`);
	return [`${name} of ${operation}`, ...details, ...(times > 1 ? [`${times} times`] : [])].join(", ");
}

function restart(flow: FlowName, moment: FaultMoment, seconds: number): FaultCase {
	const code = moment === "online" ? "connection-lost" : "connect-failed";
	return {
		name: `restart, gone for ${seconds} s`,
		flow,
		moment,
		fault: { restart: seconds },
		times: 1,
		expectedFailure: { phase: phases[moment], code, action: "retry" },
		carriedOut: false,
		registrations: 1,
		timeout: 0,
	};
}

function unknownName(flow: FlowName, moment: FaultMoment, at: "register" | "mqtt"): FaultCase {
	return {
		name: `the name of ${at} is not known to the DNS`,
		flow,
		moment,
		fault: { unknownName: at },
		times: 1,
		expectedFailure: { phase: phases[moment], code: "dns-failed", action: "retry" },
		carriedOut: false,
		registrations: 1,
		timeout: 20,
	};
}

export const faultCases: readonly FaultCase[] = [
	...(["v2", "v1", "https", "volcengine"] as const).flatMap((flow) =>
		[...overHttp, ...(flow === "https" ? ofAliyun : ofPayload)].map((fault) =>
			caseOf(flow, "registering", registrationFlows[flow].operation, fault),
		),
	),
	...(["mqtt", "free"] as const).flatMap((flow) =>
		[...overMqtt, ...ofAliyun].map((fault) => caseOf(flow, "registering", registrationFlows[flow].operation, fault)),
	),
	...atPort(20).map((fault) => caseOf("v2", "registering", "https", fault)),
	// Once each: the connection that is opened ahead for the session would meet the second.
	...atPort(20).map((fault) => caseOf("mqtt", "registering", "mqtts", { ...fault, times: 1 })),
	...ofClaim.map((fault) => caseOf("claim", "registering", "claim", fault)),
	...ofClaimedCertificate.map((fault) => caseOf("claim", "registering", "claim/certificate", fault)),
	...ofThing.map((fault) => caseOf("claim", "registering", "register/thing", fault)),
	caseOf("claim", "registering", "mqtts", {
		fault: "alert",
		step: "finished",
		alert: 42,
		expectedFailure: { code: "credential-refused" },
	}),
	...(["v2", "mqtt", "free", "claim"] as const).flatMap((flow) => [
		...connecting.map((fault) => caseOf(flow, "connecting", "connect", fault)),
		...online.map((fault) => caseOf(flow, "online", "session", fault)),
		restart(flow, "online", 3),
	]),
	...inSimulator(ofProposal, "drop", "truncated", "duplicate", "status", "redirect").map((fault) =>
		caseOf("thingsboard", "registering", "register/provision", fault),
	),
	...ofAssignment(overHttp).map((fault) => caseOf("dps", "registering", "register/dps", fault)),
	...inSimulator(ofHub(overHttp), "drop", "status", "wrong-device").map((fault) =>
		caseOf("dps", "registering", "register/dps-status", fault),
	),
	...ofAssignment(ofRegistrar).map((fault) => caseOf("dpsMqtt", "registering", "register/dps-mqtt", fault)),
	...inSimulator(ofHub(ofRegistrar), "drop", "truncated", "duplicate").map((fault) =>
		caseOf("dpsMqtt", "registering", "register/dps-mqtt-status", fault),
	),
	...(["thingsboard", "dps"] as const).flatMap((flow) => [
		...inSimulator(connecting.slice(2)).map((fault) => caseOf(flow, "connecting", "connect", fault)),
		...inSimulator(online.slice(0, 1), "drop").map((fault) => caseOf(flow, "online", "session", fault)),
		...inSimulator(online.slice(1)).map((fault) => caseOf(flow, "online", "session", fault)),
	]),
	...connecting.slice(2).map((fault) => caseOf("volcengine", "connecting", "connect", fault)),
	// The session goes on. A lost PUBACK needs an application with QoS 1: `test/outbox`.
	caseOf("v2", "online", "subscribe", { fault: "delay", seconds: 3 }),
	caseOf("v2", "online", "message", { fault: "duplicate" }),
	...atPort(30).map((fault) => caseOf("v2", "connecting", "mqtts", fault)),
	caseOf("certificate", "registering", "register/v2", {
		fault: "wrong-secret",
		expectedFailure: bad,
		carriedOut: true,
	}),
	...certificateRefusals.map((fault) => caseOf("certificate", "connecting", "mqtts", fault)),
	...certificateRefusals
		.slice(0, 1)
		.map((fault) => caseOf("certificate", "registering", "mqtts", { ...fault, carriedOut: true })),
	// Of no certificate, or by another alert, it is no refusal of a credential.
	caseOf("certificate", "connecting", "mqtts", { fault: "alert", step: "finished", alert: 80, expectedFailure: tls }),
	caseOf("v2", "connecting", "mqtts", { fault: "alert", step: "finished", alert: 44, expectedFailure: tls }),
	caseOf("certificate", "connecting", "mqtts", {
		fault: "alert",
		step: "certificate",
		alert: 44,
		expectedFailure: tls,
	}),
	// Longer than any board takes to come to its first request.
	restart("v2", "registering", 30),
	restart("mqtt", "connecting", 30),
	unknownName("v2", "registering", "register"),
	unknownName("mqtt", "registering", "mqtt"),
	unknownName("v2", "connecting", "mqtt"),
];

/** Every fault of every moment once, with flows taking turns: for a host on which boards are dear. */
export function oneCaseOfEachKind(all: readonly FaultCase[]): FaultCase[] {
	const kinds = new Map<string, FaultCase[]>();
	for (const one of all) kinds.set(kindOf(one), [...(kinds.get(kindOf(one)) ?? []), one]);
	const used = new Map<FlowName, number>();
	return [...kinds.values()].map((kind) => {
		const [first, ...others] = kind as [FaultCase, ...FaultCase[]];
		const often = ({ flow }: FaultCase) => used.get(flow) ?? 0;
		const chosen = others.reduce((least, one) => (often(one) < often(least) ? one : least), first);
		used.set(chosen.flow, often(chosen) + 1);
		return chosen;
	});
}

function kindOf({ moment, fault, times, expectedFailure }: FaultCase): string {
	if (!("fault" in fault)) return JSON.stringify([moment, fault]);
	const { operation, alert: _, ...rule } = fault;
	// What happens at one port happens at the other, whatever it is that is tried there.
	const port = operation === "https" || operation === "mqtts";
	return JSON.stringify([port ? "port" : moment, rule, times, expectedFailure?.code]);
}
