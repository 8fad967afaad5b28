import type { Storage } from "dynreg/contracts/host";
import { openVault } from "dynreg/credential-store/vault";
import { crypto } from "../support/node-crypto.js";
import { type CloudObserver, type DeviceIdentity, type InMemoryCloud, identity } from "./in-memory-cloud.js";

/**
 * Looks at a board's flash each time the cloud hears of the board.
 *
 * @param wrong hears of each invariant that does not hold, in words
 * @returns the witness for the cloud's ports, and what judges anything else
 */
export function createInvariantChecker(storage: Storage, cloud: InMemoryCloud, wrong: (invariant: string) => void) {
	const vaultOf = (name: DeviceIdentity) => openVault(storage, crypto, identity(name));
	const keyOf = (name: DeviceIdentity) => `${identity(name)} ${vaultOf(name).load()?.credential.secret.reveal()}`;
	const judged = (invariant: string, holds: () => boolean) => {
		try {
			if (!holds()) wrong(invariant);
		} catch {
			wrong(invariant);
		}
	};
	/** The last credential that flash had as active, until the broker accepts one. */
	let active: string | undefined;
	const lookAfterActive = (name: DeviceIdentity) => {
		const record = vaultOf(name).load();
		const kept = [record?.credential, record?.previous].map((each) => each?.secret.reveal());
		judged("6: an active credential is not kept", () => active === undefined || kept.includes(active));
		active ??= record?.active ? kept[0] : kept[1];
	};
	const witness: CloudObserver = {
		registering(name) {
			lookAfterActive(name);
			const record = vaultOf(name).load();
			if (record === undefined) return;
			judged("1: registers with a valid credential", () => cloud.mistaken || !cloud.accepts(name, record.credential));
			judged("6: gives up an active credential early", () => !record.active || cloud.refusals(keyOf(name)) >= 10);
		},
		connecting(name) {
			lookAfterActive(name);
			judged("2: connects with what is not in flash", () => vaultOf(name).load() !== undefined);
			return keyOf(name);
		},
		connected(name) {
			active = undefined;
			judged("2, 5: is online with what is not in flash", () => {
				const record = vaultOf(name).load();
				// Two that take turns are both in flash; which of them is in use is written at acceptance.
				return [record?.credential, record?.previous].some((each) => each && cloud.accepts(name, each));
			});
		},
	};
	return { witness, judged };
}
