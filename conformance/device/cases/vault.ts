import type { Host, Storage } from "dynreg/contracts/host";
import { Secret } from "dynreg/core/secret";
import { openVault } from "dynreg/credential-store/vault";
import { equal, holds } from "../../contract/cases/expect.js";
import { frozen } from "../../contract/cases/frozen.js";
import type { DeviceCase, Life } from "../device-case.js";
import { wipe } from "./wipe.js";

const restarted = "test/restarted/board";
const interrupted = "test/interrupted/board";
/** More operations on flash than one commit has on any of these boards. */
const mostCuts = 8;
/** Beside the vault: the number of the credential that was in use before the cut. */
const before = "testbefore";

/** With the flash of this very board: what is written in one life is read in the next. */
export const vault: readonly DeviceCase[] = frozen([
	{
		name: "vault: a credential outlives a restart, and is active once it has been accepted",
		lives: [
			async ({ host }) => {
				wipe(host, restarted);
				const vault = openVault(host.storage, host.crypto, restarted);
				equal(vault.load(), undefined, "record in empty flash");
				equal(vault.commit(key(1)).generation, 1, "generation");
			},
			async ({ host }) => {
				const vault = openVault(host.storage, host.crypto, restarted);
				const record = vault.load();
				equal(record?.credential.secret.reveal(), key(1).secret.reveal(), "credential after a restart");
				equal(record?.active, false, "active");
				vault.accepted();
			},
			async ({ host }) => {
				const vault = openVault(host.storage, host.crypto, restarted);
				equal(vault.load()?.active, true, "active after another restart");
				equal(openVault(host.storage, host.crypto, `${restarted}-2`).load(), undefined, "record of another device");
				wipe(host, restarted);
			},
		],
	},
	{
		name: "vault: the power may be cut at any operation on flash: the old credential is there, or the new one",
		lives: [
			async ({ host }) => {
				wipe(host, interrupted);
				openVault(host.storage, host.crypto, interrupted).commit(key(0));
				host.storage.set(before, Uint8Array.of(0));
			},
			...Array.from({ length: mostCuts }, (_, operation) => cutAt(operation)),
			async ({ host, life }) => {
				// The last commits had fewer operations than there were before the cut: they were whole.
				equal(numberInUse(host), life - 1, "credential after a commit without a cut");
				wipe(host, interrupted);
				host.storage.delete(before);
			},
		],
	},
]);

function cutAt(operation: number): Life {
	const at = operation;
	return async (device) => {
		const { host, life } = device;
		const found = numberInUse(host);
		const old = host.storage.get(before)?.[0] ?? -1;
		holds(found === old || found === life - 1, `credential ${old} or ${life - 1} is there (${found})`);
		host.storage.set(before, Uint8Array.of(found));
		const storage = cutting(host.storage, at, () => device.powerCut());
		openVault(storage, host.crypto, interrupted).commit(key(life));
	};
}

function key(number: number) {
	return { kind: "key" as const, secret: new Secret(`key number ${number}`) };
}

/** @throws Error when there is none: a board that is lost */
function numberInUse({ storage, crypto }: Host): number {
	const record = openVault(storage, crypto, interrupted).load();
	holds(record !== undefined, "there is a credential");
	return Number(record?.credential.secret.reveal().slice("key number ".length));
}

/** A storage whose operation of this number, from 0, is never done. */
function cutting(storage: Storage, at: number, cut: () => never): Storage {
	let count = 0;
	const step = () => {
		if (count++ === at) cut();
	};
	return {
		maxValueBytes: storage.maxValueBytes,
		get(name) {
			step();
			return storage.get(name);
		},
		set(name, value) {
			step();
			storage.set(name, value);
		},
		delete(name) {
			step();
			storage.delete(name);
		},
	};
}
