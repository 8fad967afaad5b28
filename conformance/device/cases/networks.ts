import type { Host } from "dynreg/contracts/host";
import { Secret } from "dynreg/core/secret";
import { openVault } from "dynreg/credential-store/vault";
import { openNetworkStore } from "dynreg/setup/network-record";
import { deepFreeze } from "../../contract/cases/deep-freeze.js";
import { expectEqual, expectTrue } from "../../contract/cases/expect.js";
import { refusesNetworks } from "../../contract/cases/setup.js";
import type { DeviceCase, DeviceRun } from "../device-case.js";
import { cuttingStorage } from "./cutting-storage.js";
import { wipe } from "./wipe.js";

const identity = "test/networks/board";
const password = "made-up password 密码";
/** More operations on flash than one commit has. */
const mostCuts = 6;
/** Beside the networks: the number of the one that was in use before the cut. */
const before = "testbefore";

/** With the flash of this very board: what is written in one run is read in the next. */
export const networks: readonly DeviceCase[] = deepFreeze([
	{
		name: "networks: a network outlives a restart, erasing it leaves the credential, and it does not come back",
		runs: [
			async ({ host }) => {
				if (await refused(host)) return;
				wipe(host, identity);
				const store = networksOf(host);
				store.erase();
				store.commit({ name: "older" });
				store.commit({ name: "café 咖啡馆", password: new Secret(password) });
				openVault(host.storage, host.crypto, identity).commit({ kind: "key", secret: new Secret("made-up key") });
			},
			async ({ host }) => {
				if (await refused(host)) return;
				const network = networksOf(host).load();
				expectEqual(network?.name, "café 咖啡馆", "name after a restart");
				expectEqual(network?.password?.reveal(), password, "password after a restart");
				networksOf(host).erase();
			},
			async ({ host }) => {
				if (await refused(host)) return;
				expectEqual(networksOf(host).load(), undefined, "network after erasing and a restart");
				const record = openVault(host.storage, host.crypto, identity).load();
				expectEqual(record?.credential.secret.reveal(), "made-up key", "credential after the networks were erased");
				wipe(host, identity);
			},
		],
	},
	{
		name: "networks: a power cut at any flash operation leaves the old or the new network",
		runs: [
			async ({ host }) => {
				if (await refused(host)) return;
				networksOf(host).erase();
				networksOf(host).commit({ name: "0" });
				host.storage.set(before, Uint8Array.of(0));
			},
			...Array.from({ length: mostCuts }, (_, operation) => cutAt(operation)),
			async ({ host, run }) => {
				if (await refused(host)) return;
				// The last commits had fewer operations than there were before the cut: they were whole.
				expectEqual(numberInUse(host), run - 1, "network after a commit without a cut");
				networksOf(host).erase();
				host.storage.delete(before);
			},
		],
	},
]);

function cutAt(operation: number): DeviceRun {
	const at = operation;
	return async (device) => {
		const { host, run } = device;
		if (await refused(host)) return;
		const found = numberInUse(host);
		const old = host.storage.get(before)?.[0] ?? -1;
		expectTrue(found === old || found === run - 1, `network ${old} or ${run - 1} is there (${found})`);
		host.storage.set(before, Uint8Array.of(found));
		const storage = cuttingStorage(host.storage, at, () => device.powerCut());
		openNetworkStore(storage, host.crypto).commit({ name: String(run) });
	};
}

/** @returns -1 if there is none */
function numberInUse(host: Host): number {
	return Number(networksOf(host).load()?.name ?? -1);
}

function networksOf({ storage, crypto }: Host) {
	return openNetworkStore(storage, crypto);
}

function refused({ storage, crypto }: Host): Promise<boolean> {
	return refusesNetworks(storage, crypto);
}
