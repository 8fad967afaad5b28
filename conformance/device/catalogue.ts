/**
 * Everything that is tried on a board, in the order in which it is. Neutral, as the cases are: the desktop reads
 * their names, the board runs them.
 */

import type { Case } from "../contract/cases/case.js";
import { frozen } from "../contract/cases/frozen.js";
import { cases as contract } from "../contract/contract.js";
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

/** For the desktop: in an image it would be a third copy of all names. */
export function groups(): readonly Group[] {
	return [
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
}

/** Cases that fail on purpose: the harness is tried with them. */
export const failing: readonly DeviceCase[] = planted;

const own: readonly (readonly DeviceCase[])[] = frozen([vectors, vault, resources, attacks, memory, online, planted]);

/** @returns undefined if there is none of this name */
export function findCase(name: string): DeviceCase | undefined {
	for (const cases of own) for (const each of cases) if (each.name === name) return each;
	for (const each of contract) if (each.name === name) return ofHost(each);
	return undefined;
}

/** What firmware for an ESP8266 never does, and its memory has no room for. */
const tooLargeForEsp8266: Readonly<Record<string, string>> = frozen({
	"http: requests side by side get their own replies":
		"there is memory for one request at a time, and the firmware makes one",
	"https: any one of the names in trust may vouch, in any order, and any certificate in a file":
		"there is no memory to read certificates from PEM, and an image has them as DER",
	"mqtt: a payload of 4 KB goes both ways": "its packets have 2 KB at most",
	"hostile: a nest that is deeper than a stack is no JSON":
		"the case makes a text of 50 KB, and no answer may be as long",
});

function ofHost(of: Case): DeviceCase {
	const each = of;
	const certificates = each.isCertified;
	const notOnEsp8266 = certificates ? "its flash has no room for certificates" : tooLargeForEsp8266[each.name];
	return {
		name: each.name,
		needs: certificates ? ["servers", "certificates"] : ["servers"],
		lives: [
			({ host }, { servers, certificates }) =>
				each.run(host, certificates ? { ...servers, device: certificates } : servers),
		],
		...(notOnEsp8266 === undefined ? {} : { notOnEsp8266 }),
	};
}
