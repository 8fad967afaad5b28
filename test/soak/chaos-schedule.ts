/** What a day has in store for a board. Everything is drawn from one seed. */

import type { RandomSource } from "@dynreg/cli/internal/fleet/seeded-random";
import type { Action, Code } from "dynreg/contracts/error";

/** Another server responds, or none. */
export interface FailureResponse {
	readonly code: Code;
	readonly action: Action;
}

/** A server answers with 503, and asks for so many seconds of patience at most. */
export interface BusyResponse {
	readonly retryAfter: number;
}

/** For some minutes, this goes wrong so often. */
export interface ChaosPhase {
	readonly name: string;
	/** How often it is drawn, beside the others. */
	readonly weight: number;
	/** Of each port's calls, the share that fails. */
	readonly network?: number;
	readonly servers?: number;
	readonly time?: number;
	/** Of all writes, the share that fails. */
	readonly flash?: number;
	/** Of all answers to a registration, the share that is cut off. */
	readonly truncated?: number;
	/** How servers fail; one is drawn each time. */
	readonly failures?: readonly (FailureResponse | BusyResponse)[];
	/** Sessions are cut off after some seconds. */
	readonly unsteady?: true;
}

const unreachable: readonly FailureResponse[] = [
	{ code: "dns-failed", action: "retry" },
	{ code: "connect-failed", action: "retry" },
	{ code: "timeout", action: "retry" },
	{ code: "connection-lost", action: "retry" },
];

export const noChaos: ChaosPhase = { name: "fair", weight: 5 };

export const chaosSchedule: readonly ChaosPhase[] = [
	noChaos,
	{ name: "no Wi-Fi", weight: 2, network: 1 },
	{ name: "weak Wi-Fi", weight: 2, network: 0.5, servers: 0.3, failures: unreachable, unsteady: true },
	{ name: "the cloud is gone", weight: 2, servers: 1, failures: unreachable },
	{
		name: "the cloud is overloaded",
		weight: 2,
		servers: 0.8,
		failures: [{ retryAfter: 0 }, { retryAfter: 600 }],
	},
	{
		name: "a log-in page stands in between",
		weight: 1,
		servers: 1,
		failures: [
			{ code: "certificate-wrong-name", action: "needs-attention" },
			{ code: "certificate-untrusted", action: "needs-attention" },
			{ code: "tls-failed", action: "retry" },
		],
	},
	{
		name: "noise",
		weight: 1,
		servers: 0.6,
		truncated: 0.5,
		failures: [
			{ code: "bad-answer", action: "retry" },
			{ code: "answer-too-large", action: "retry" },
			{ code: "tls-failed", action: "retry" },
			{ code: "unexpected", action: "retry" },
		],
	},
	{ name: "the flash fails", weight: 1, flash: 0.5 },
	{ name: "no time server", weight: 1, time: 1 },
];

/** How long until something that happens once in so long, on average. */
export function randomInterval(mean: number, dice: RandomSource): number {
	return -mean * Math.log(1 - dice());
}

export function pickWeighted<Choice extends { readonly weight: number }>(
	choices: readonly Choice[],
	dice: RandomSource,
): Choice {
	let rest = dice() * choices.reduce((sum, { weight }) => sum + weight, 0);
	for (const choice of choices) {
		rest -= choice.weight;
		if (rest < 0) return choice;
	}
	return choices[choices.length - 1] as Choice;
}
