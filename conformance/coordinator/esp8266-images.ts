import { acknowledgements } from "../contract/cases/acknowledgements.js";
import { ahead } from "../contract/cases/ahead.js";
import { clock } from "../contract/cases/clock.js";
import { crypto } from "../contract/cases/crypto.js";
import { hostile } from "../contract/cases/hostile.js";
import { http } from "../contract/cases/http.js";
import { mqtt } from "../contract/cases/mqtt.js";
import { mtls } from "../contract/cases/mtls.js";
import { network } from "../contract/cases/network.js";
import { resumption } from "../contract/cases/resumption.js";
import { setup } from "../contract/cases/setup.js";
import { storage } from "../contract/cases/storage.js";
import { sync } from "../contract/cases/sync.js";
import { tls } from "../contract/cases/tls.js";
import { attacks } from "../device/cases/attacks.js";
import { memory } from "../device/cases/memory.js";
import { networks } from "../device/cases/networks.js";
import { online } from "../device/cases/online.js";
import { resources } from "../device/cases/resources.js";
import { selftest } from "../device/cases/selftest.js";
import { vault } from "../device/cases/vault.js";
import { vectors } from "../device/cases/vectors.js";
import type { DeviceCase } from "../device/device-case.js";

/** Names of cases, by the files that hold them. A file exports its cases under its own name. */
export type CaseFiles = Readonly<Record<string, readonly { readonly name: string }[]>>;

/**
 * The images that the cases come in on an ESP8266, whose flash has no room for all at once. `npm run link` fails when
 * one of them grows beyond its place.
 */
export const esp8266Images: readonly CaseFiles[] = [
	{
		"contract/cases/crypto": crypto,
		"contract/cases/storage": storage,
		"contract/cases/network": network,
	},
	{
		"contract/cases/http": http,
		"contract/cases/tls": tls,
		"device/cases/vault": vault,
		"device/cases/resources": resources,
		"device/cases/attacks": attacks,
		"device/cases/selftest": selftest,
	},
	{
		"contract/cases/sync": sync,
		"contract/cases/mqtt": mqtt,
		"contract/cases/mtls": mtls,
		"contract/cases/hostile": hostile,
		"contract/cases/ahead": ahead,
		"device/cases/memory": memory,
	},
	{
		"contract/cases/acknowledgements": acknowledgements,
		"contract/cases/clock": clock,
		"contract/cases/resumption": resumption,
	},
	// The only one with more than one cloud.
	{
		"device/cases/vectors": vectors,
		"device/cases/online": online,
	},
	// The only one with the library's own log in flash, without which an ESP8266 has no set-up mode.
	{
		"contract/cases/setup": setup,
		"device/cases/networks": networks,
	},
];

/** Cases that run from one image. */
export interface ImageCases {
	/** Undefined: all cases are in one image. */
	readonly files: CaseFiles | undefined;
	readonly cases: readonly DeviceCase[];
}

/**
 * Spreads cases over the images that hold them, in the order of the images. Cases that an ESP8266 skips take no image of
 * their own.
 */
export function casesByImage(cases: readonly DeviceCase[], images: readonly CaseFiles[]): readonly ImageCases[] {
	const all = images.map((files) => {
		const names = new Set(Object.values(files).flatMap((held) => held.map(({ name }) => name)));
		return { files, cases: cases.filter(({ name }) => names.has(name)) };
	});
	const needed = all.filter((turn) => turn.cases.some(({ notOnEsp8266 }) => notOnEsp8266 === undefined));
	const skipped = all.filter((turn) => !needed.includes(turn)).flatMap((turn) => turn.cases);
	const last = needed.pop() ?? { files: images[0], cases: [] };
	return [...needed, { files: last.files, cases: [...last.cases, ...skipped] }];
}
