/** What a day has in store for a board. Everything is drawn from one seed. */

import type { Dice } from "@dynreg/cli/internal/fleet/dice";
import type { Action, Code } from "dynreg/contracts/error";

/** Somebody answers otherwise than wanted, or nobody does. */
export interface Trouble {
	readonly code: Code;
	readonly action: Action;
}

/** A server answers with 503, and asks for so many seconds of patience at most. */
export interface Busy {
	readonly retryAfter: number;
}

/** For some minutes, this goes wrong so often. */
export interface Weather {
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
	readonly torn?: number;
	/** How servers fail; one is drawn each time. */
	readonly troubles?: readonly (Trouble | Busy)[];
	/** Sessions are cut off after some seconds. */
	readonly unsteady?: true;
}

const nobodyThere: readonly Trouble[] = [
	{ code: "dns-failed", action: "retry" },
	{ code: "connect-failed", action: "retry" },
	{ code: "timeout", action: "retry" },
	{ code: "connection-lost", action: "retry" },
];

export const fair: Weather = { name: "fair", weight: 5 };

export const weathers: readonly Weather[] = [
	fair,
	{ name: "no Wi-Fi", weight: 2, network: 1 },
	{ name: "weak Wi-Fi", weight: 2, network: 0.5, servers: 0.3, troubles: nobodyThere, unsteady: true },
	{ name: "the cloud is gone", weight: 2, servers: 1, troubles: nobodyThere },
	{
		name: "the cloud is overloaded",
		weight: 2,
		servers: 0.8,
		troubles: [{ retryAfter: 0 }, { retryAfter: 600 }],
	},
	{
		name: "a log-in page stands in between",
		weight: 1,
		servers: 1,
		troubles: [
			{ code: "certificate-wrong-name", action: "stop" },
			{ code: "certificate-untrusted", action: "stop" },
			{ code: "tls-failed", action: "retry" },
		],
	},
	{
		name: "noise",
		weight: 1,
		servers: 0.6,
		torn: 0.5,
		troubles: [
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
export function waitFor(mean: number, dice: Dice): number {
	return -mean * Math.log(1 - dice());
}

export function draw<Choice extends { readonly weight: number }>(choices: readonly Choice[], dice: Dice): Choice {
	let rest = dice() * choices.reduce((sum, { weight }) => sum + weight, 0);
	for (const choice of choices) {
		rest -= choice.weight;
		if (rest < 0) return choice;
	}
	return choices[choices.length - 1] as Choice;
}
