/**
 * Everything that is tried on a board, in the order in which it is. Neutral, as the cases are: the desktop reads
 * their names, the board runs them.
 */

import type { Case } from "../host/cases/case.js";
import { isCertified } from "../host/cases/mutual.js";
import { cases as contract } from "../host/contract.js";
import { attacks } from "./cases/attacks.js";
import { memory } from "./cases/memory.js";
import { online } from "./cases/online.js";
import { planted } from "./cases/planted.js";
import { resources } from "./cases/resources.js";
import { vault } from "./cases/vault.js";
import { vectors } from "./cases/vectors.js";
import type { DeviceCase } from "./device-case.js";

export interface Group {
	readonly name: string;
	/** What it proves, for people. */
	readonly proves: string;
	readonly cases: readonly DeviceCase[];
}

export const groups: readonly Group[] = [
	{
		name: "contract",
		proves: "the ports keep what `modules/contracts/host.ts` promises: crypto, flash, clock, time, HTTP, TLS, MQTT",
		cases: contract.map(ofHost),
	},
	{ name: "vectors", proves: "signatures and payloads are the vendors', through the SDK's `crypt`", cases: vectors },
	{ name: "vault", proves: "a credential outlives restarts and power cuts in this board's flash", cases: vault },
	{
		name: "tls",
		proves: "nobody between board and server gets through; roots are read from the image",
		cases: [...resources, ...attacks],
	},
	{ name: "memory", proves: "what a TLS session takes, and that it is given back", cases: memory },
	{ name: "online", proves: "a whole boot against the local cloud, and how long it takes", cases: online },
];

/** Cases that fail on purpose: the harness is tried with them. */
export const failing: readonly DeviceCase[] = planted;

/** @returns undefined if there is none of this name */
export function findCase(name: string): DeviceCase | undefined {
	for (const { cases } of groups) for (const each of cases) if (each.name === name) return each;
	return failing.find((each) => each.name === name);
}

function ofHost(each: Case): DeviceCase {
	const certificates = isCertified(each);
	return {
		name: each.name,
		needs: certificates ? ["servers", "certificates"] : ["servers"],
		lives: [
			({ host }, { servers, certificates }) =>
				each.run(host, certificates ? { ...servers, device: certificates } : servers),
		],
		...(each.name === "mqtt: a payload of 4 KB goes both ways"
			? { notOnEsp8266: "its packets have 2 KB at most" }
			: {}),
		...(certificates ? { notOnEsp8266: "its flash has no room for certificates" } : {}),
	};
}
