/**
 * Everything that is tried on a board, in the order in which it is. Neutral, as the cases are: the desktop reads
 * their names, the board runs them.
 */

import type { ContractCase } from "../contract/cases/case.js";
import { deepFreeze } from "../contract/cases/deep-freeze.js";
import { contractCases as contract } from "../contract/contract.js";
import { attacks } from "./cases/attacks.js";
import { memory } from "./cases/memory.js";
import { networks } from "./cases/networks.js";
import { online } from "./cases/online.js";
import { resources } from "./cases/resources.js";
import { selftest } from "./cases/selftest.js";
import { vault } from "./cases/vault.js";
import { vectors } from "./cases/vectors.js";
import type { DeviceCase } from "./device-case.js";

export interface Group {
	readonly name: string;
	/** What it proves, for people. */
	readonly summary: string;
	readonly cases: readonly DeviceCase[];
}

/** For the desktop: in an image it would be a third copy of all names. */
export function groups(): readonly Group[] {
	return [
		{
			name: "contract",
			summary:
				"the ports keep what `modules/contracts/host.ts` promises: crypto, flash, clock, time, HTTP, TLS, MQTT; and set-up mode runs over them",
			cases: contract.map(contractCase),
		},
		{ name: "vectors", summary: "signatures and payloads are the vendors', through the SDK's `crypt`", cases: vectors },
		{ name: "vault", summary: "a credential outlives restarts and power cuts in this board's flash", cases: vault },
		{
			name: "networks",
			summary: "a network that was entered outlives restarts and power cuts in this board's flash",
			cases: networks,
		},
		{
			name: "tls",
			summary: "nobody between board and server gets through; roots are read from the image",
			cases: [...resources, ...attacks],
		},
		{ name: "memory", summary: "what a TLS session takes, and that it is given back", cases: memory },
		{ name: "online", summary: "a whole boot against the local cloud, and how long it takes", cases: online },
	];
}

/** Cases that fail on purpose: the harness is tried with them. */
export const selfTests: readonly DeviceCase[] = selftest;

const own: readonly (readonly DeviceCase[])[] = deepFreeze([
	vectors,
	vault,
	networks,
	resources,
	attacks,
	memory,
	online,
	selftest,
]);

/** @returns undefined if there is none of this name */
export function findCase(name: string): DeviceCase | undefined {
	for (const cases of own) for (const each of cases) if (each.name === name) return each;
	for (const each of contract) if (each.name === name) return contractCase(each);
	return undefined;
}

/** What firmware for an ESP8266 never does, and its memory has no room for. */
const tooLargeForEsp8266: Readonly<Record<string, string>> = deepFreeze({
	"http: concurrent requests get their own responses":
		"there is memory for one request at a time, and the firmware makes one",
	"https: any name in trust can verify, in any order, from any file":
		"there is no memory to read certificates from PEM, and an image has them as DER",
	"mqtt: a payload of 4 KB goes both ways": "its packets have 1 KB at most",
	"acknowledgements: a message too large for the host is bad-message, and ends no session":
		"it has no memory to make a message of 20 KB",
	"acknowledgements: a burst of 1,000 messages ends no session, and each promise settles":
		"the case itself holds 1,000 promises",
	"acknowledgements: a limited number of packets waits, with ids of their own, and the rest behind them":
		"the case itself holds 100 promises",
	"acknowledgements: an outbox's messages arrive through ten lost sessions, and each promise settles":
		"the case itself holds 20 promises, beside those of the outbox, and two connections",
	"hostile: a nest that is deeper than a stack is no JSON":
		"the case makes a text of 50 KB, and no answer may be as long",
});

function contractCase(of: ContractCase): DeviceCase {
	const each = of;
	const certificates = each.needsCertificates;
	const notOnEsp8266 = certificates ? "its flash has no room for certificates" : tooLargeForEsp8266[each.name];
	return {
		name: each.name,
		needs: certificates ? ["servers", "certificates"] : ["servers"],
		runs: [
			({ host }, { servers, certificates }) =>
				each.run(host, certificates ? { ...servers, device: certificates } : servers),
		],
		...(each.freshBoard && { freshBoard: true }),
		...(notOnEsp8266 === undefined ? {} : { notOnEsp8266 }),
	};
}
