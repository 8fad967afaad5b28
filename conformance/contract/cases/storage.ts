import type { ContractCase } from "./case.js";
import { deepFreeze } from "./deep-freeze.js";
import { expectEqual, expectFailure, expectTrue } from "./expect.js";

export const storage: readonly ContractCase[] = deepFreeze([
	{
		name: "storage: an unknown key is undefined, and deleting it is no error",
		async run({ storage }) {
			storage.delete("test1");
			storage.delete("test1");
			expectEqual(storage.get("test1"), undefined, "value");
		},
	},
	{
		name: "storage: a value is kept byte for byte until it is overwritten or deleted",
		async run({ storage, crypto }) {
			const every = Uint8Array.from({ length: Math.min(256, storage.maxValueBytes) }, (_, index) => 255 - index);
			storage.set("test1", every);
			expectEqual(hex(storage.get("test1")), crypto.hex(every), "binary value");
			storage.set("test1", Uint8Array.from([1]));
			expectEqual(hex(storage.get("test1")), "01", "shorter value");
			storage.set("test2", Uint8Array.from([2]));
			storage.delete("test1");
			expectEqual(storage.get("test1"), undefined, "deleted value");
			expectEqual(hex(storage.get("test2")), "02", "another key");
			storage.delete("test2");

			function hex(value: Uint8Array | undefined): string {
				return value ? crypto.hex(value) : "nothing";
			}
		},
	},
	{
		name: "storage: the longest key and the longest value are kept",
		async run({ storage, crypto }) {
			// What an ESP8266 returns as it was written.
			expectTrue(storage.maxValueBytes >= 61, "a value may have 61 bytes");
			const key = "abcdefghijklm15";
			const value = new Uint8Array(storage.maxValueBytes).map((_, index) => (index * 31) & 0xff);
			storage.set(key, value);
			expectEqual(crypto.hex(storage.get(key) ?? new Uint8Array(0)), crypto.hex(value), "longest value");
			storage.delete(key);
		},
	},
	{
		name: "storage: a longer value is storage-failed",
		async run({ storage }) {
			const value = new Uint8Array(storage.maxValueBytes + 1);
			await expectFailure(() => storage.set("test1", value), "store", "storage-failed");
			storage.delete("test1");
		},
	},
	{
		name: "storage: stored values do not share memory with buffers",
		async run({ storage, crypto }) {
			const value = Uint8Array.from([1, 2, 3]);
			storage.set("test1", value);
			value.fill(9);
			storage.get("test1")?.fill(9);
			expectEqual(crypto.hex(storage.get("test1") ?? new Uint8Array(0)), "010203", "value");
			storage.delete("test1");
		},
	},
]);
