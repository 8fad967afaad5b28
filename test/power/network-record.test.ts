/** Power cuts while a network is stored or forgotten: the old network, the new one or, when it is forgotten, none. */

import test from "ava";
import { Secret } from "dynreg/core/secret";
import { openVault } from "dynreg/credential-store/vault";
import { openNetworkStore } from "dynreg/setup/network-record";
import { crypto } from "../support/node-crypto.js";
import { RenamedFile } from "./files.js";
import { FlashLog } from "./flash-log.js";
import { Nvs } from "./nvs.js";
import type { CuttableStorage } from "./storage.js";

const identity = "tencent/LAMPS00001/board-1";
const text = (storage: CuttableStorage) => {
	const network = openNetworkStore(storage, crypto).load();
	return network && `${network.name}/${network.password?.reveal() ?? ""}`;
};
const networks = ["first", "second", "third, with the longest name and", "fourth"].map((name, index) => ({
	name,
	...(index % 2 === 0 ? { password: new Secret(`invented password ${index}`) } : {}),
}));

/** @param fill how often the flash is written before, so that it is tidied up meanwhile */
function testCuts(model: string, make: () => CuttableStorage, fill: number): void {
	test(`no network and no credential is lost: ${model}`, (t) => {
		const storage = make();
		for (let count = 0; count < fill; count++) storage.set("filler", new Uint8Array(60).fill(count));
		openVault(storage, crypto, identity).commit({ kind: "key", secret: new Secret("an-invented-device-key") });
		let cuts = 0;
		const step = (
			action: (cut: CuttableStorage) => void,
			canBe: readonly (string | undefined)[],
			end: string | undefined,
		) => {
			const seen = new Set<string | undefined>();
			const check = (cut: CuttableStorage) => {
				cuts++;
				const found = text(cut);
				seen.add(found);
				t.true(canBe.includes(found), `${found}`);
				t.is(openVault(cut, crypto, identity).load()?.credential.secret.reveal(), "an-invented-device-key");
				// And then the same again, to the end.
				action(cut);
				t.is(text(cut), end);
			};
			storage.watch = ({ storageAfterCut }) => check(storageAfterCut());
			action(storage);
			storage.watch = undefined;
			t.is(text(storage), end);
			t.true(seen.size > 0);
		};
		let before: string | undefined;
		for (let round = 0; round < 3; round++) {
			for (const network of networks) {
				const after = `${network.name}/${network.password?.reveal() ?? ""}`;
				step((cut) => openNetworkStore(cut, crypto).commit(network), [before, after], after);
				before = after;
			}
			step((cut) => openNetworkStore(cut, crypto).erase(), [before, undefined], undefined);
			before = undefined;
		}
		t.log(`${cuts} cut points`);
		t.true(cuts >= 100);
	});
}

testCuts("ESP32", () => new Nvs(), 153);
testCuts("ESP8266 with vault: flash", () => new FlashLog(), 40);
testCuts("a file that is replaced", () => new RenamedFile(), 0);
