import type { Host } from "dynreg/contracts/host";
import { Secret } from "dynreg/core/secret";
import { openVault } from "dynreg/credential-store/vault";
import { deepFreeze } from "../../contract/cases/deep-freeze.js";
import { expectEqual, expectTrue } from "../../contract/cases/expect.js";
import type { DeviceCase, DeviceRun } from "../device-case.js";
import { cuttingStorage } from "./cutting-storage.js";
import { wipe } from "./wipe.js";

const restarted = "test/restarted/board";
const interrupted = "test/interrupted/board";
/** More operations on flash than one commit has on any of these boards. */
const mostCuts = 8;
/** Beside the vault: the number of the credential that was in use before the cut. */
const before = "testbefore";

/** With the flash of this very board: what is written in one run is read in the next. */
export const vault: readonly DeviceCase[] = deepFreeze([
	{
		name: "vault: a credential outlives a restart, and is active once it has been accepted",
		runs: [
			async ({ host }) => {
				wipe(host, restarted);
				const vault = openVault(host.storage, host.crypto, restarted);
				expectEqual(vault.load(), undefined, "record in empty flash");
				expectEqual(vault.commit(key(1)).generation, 1, "generation");
			},
			async ({ host }) => {
				const vault = openVault(host.storage, host.crypto, restarted);
				const record = vault.load();
				expectEqual(record?.credential.secret.reveal(), key(1).secret.reveal(), "credential after a restart");
				expectEqual(record?.active, false, "active");
				vault.accepted();
			},
			async ({ host }) => {
				const vault = openVault(host.storage, host.crypto, restarted);
				expectEqual(vault.load()?.active, true, "active after another restart");
				expectEqual(
					openVault(host.storage, host.crypto, `${restarted}-2`).load(),
					undefined,
					"record of another device",
				);
				wipe(host, restarted);
			},
		],
	},
	{
		name: "vault: a power cut at any flash operation leaves the old or the new credential",
		runs: [
			async ({ host }) => {
				wipe(host, interrupted);
				openVault(host.storage, host.crypto, interrupted).commit(key(0));
				host.storage.set(before, Uint8Array.of(0));
			},
			...Array.from({ length: mostCuts }, (_, operation) => cutAt(operation)),
			async ({ host, run }) => {
				// The last commits had fewer operations than there were before the cut: they were whole.
				expectEqual(numberInUse(host), run - 1, "credential after a commit without a cut");
				wipe(host, interrupted);
				host.storage.delete(before);
			},
		],
	},
]);

function cutAt(operation: number): DeviceRun {
	const at = operation;
	return async (device) => {
		const { host, run } = device;
		const found = numberInUse(host);
		const old = host.storage.get(before)?.[0] ?? -1;
		expectTrue(found === old || found === run - 1, `credential ${old} or ${run - 1} is there (${found})`);
		host.storage.set(before, Uint8Array.of(found));
		const storage = cuttingStorage(host.storage, at, () => device.powerCut());
		openVault(storage, host.crypto, interrupted).commit(key(run));
	};
}

function key(number: number) {
	return { kind: "key" as const, secret: new Secret(`key number ${number}`) };
}

/** @throws Error when there is none: a board that is lost */
function numberInUse({ storage, crypto }: Host): number {
	const record = openVault(storage, crypto, interrupted).load();
	expectTrue(record !== undefined, "there is a credential");
	return Number(record?.credential.secret.reveal().slice("key number ".length));
}
