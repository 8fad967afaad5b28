import test from "ava";
import { crc32, writeNumber } from "dynreg/core/bytes";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";
import { openNetworkStore } from "dynreg/setup/network-record";
import { InMemoryFlash } from "../support/flash.js";
import { crypto } from "../support/node-crypto.js";

const open = (flash: InMemoryFlash) => openNetworkStore(flash, crypto);
const flashOf = () => new InMemoryFlash(4000);
const network = (name: string, password?: string) => (password ? { name, password: new Secret(password) } : { name });
const stored = (flash: InMemoryFlash) => {
	const found = open(flash).load();
	return found && { name: found.name, password: found.password?.reveal() };
};
const slot = (flash: InMemoryFlash, key: string) => flash.values.get(key) as Uint8Array;

test("a network is read as it was stored, the longest too", (t) => {
	for (const [name, password] of [
		["home", undefined],
		["咖啡".repeat(5), "an invented password"],
		["x".repeat(32), "0123456789abcdef".repeat(4)],
	] as const) {
		const flash = flashOf();
		t.is(stored(flash), undefined);
		open(flash).commit(network(name, password));
		t.deepEqual(stored(flash), { name, password });
		t.true(slot(flash, "w0").length <= 108);
	}
});

test("the slots take turns, and the newest generation is in use", (t) => {
	const flash = flashOf();
	for (const name of ["one", "two", "three", "four"]) {
		const before = { w0: flash.get("w0"), w1: flash.get("w1") };
		open(flash).commit(network(name));
		t.is(stored(flash)?.name, name);
		const changed = (["w0", "w1"] as const).filter((key) => `${flash.get(key)}` !== `${before[key]}`);
		t.is(changed.length, 1);
	}
	t.deepEqual([...flash.values.keys()].toSorted(), ["w0", "w1"]);
});

test("generations wrap around", (t) => {
	const flash = flashOf();
	open(flash).commit(network("old"));
	const record = slot(flash, "w0");
	writeNumber(record, 4, 4, 0xffffffff);
	writeNumber(record, record.length - 4, 4, crc32(record.subarray(0, -4)));
	open(flash).commit(network("new"));
	t.deepEqual([...slot(flash, "w1").slice(4, 8)], [0, 0, 0, 0]);
	t.is(stored(flash)?.name, "new");
});

test("a damaged slot does not count, whatever is damaged", (t) => {
	const flash = flashOf();
	open(flash).commit(network("old"));
	open(flash).commit(network("new"));
	const record = slot(flash, "w1").slice();
	for (let position = 0; position < record.length; position++) {
		const damaged = record.slice();
		damaged[position] = (damaged[position] as number) ^ 0x10;
		flash.values.set("w1", damaged);
		t.is(stored(flash)?.name, "old", `${position}`);
		flash.values.set("w1", record.slice(0, position));
		t.is(stored(flash)?.name, "old", `${position}`);
	}
	flash.values.set("w0", new Uint8Array(0));
	t.is(stored(flash), undefined);
});

test("a record of a newer format is kept, and an error", (t) => {
	const flash = flashOf();
	open(flash).commit(network("old"));
	const record = slot(flash, "w0");
	record[2] = 2;
	writeNumber(record, record.length - 4, 4, crc32(record.subarray(0, -4)));
	const failure = t.throws(() => open(flash).load(), { instanceOf: Failure });
	t.like(failure, { phase: "store", code: "storage-failed", reason: "newer-format" });
	t.throws(() => open(flash).commit(network("new")));
	t.is(flash.values.size, 1);
});

test("flash that does not keep what was written is an error", (t) => {
	const flash = flashOf();
	const { set } = flash;
	for (const broken of [
		() => {},
		(key: string, value: Uint8Array) => set.call(flash, key, value.slice().fill(0, -1)),
	]) {
		flash.set = broken;
		t.like(
			t.throws(() => open(flash).commit(network("home")), { instanceOf: Failure }),
			{ code: "storage-mismatch" },
		);
	}
});

test("erase empties both slots, the one in use last", (t) => {
	for (const count of [0, 1, 2, 3]) {
		const flash = flashOf();
		for (let index = 0; index < count; index++) open(flash).commit(network(`n${index}`));
		const order: string[] = [];
		const inUse = count === 0 ? undefined : count % 2 ? "w0" : "w1";
		flash.delete = (key) => {
			order.push(key);
			flash.values.delete(key);
		};
		open(flash).erase();
		t.is(stored(flash), undefined);
		t.is(order.length, 2);
		if (inUse) t.is(order[1], inUse);
	}
});

test("erase fails if the network is still there", (t) => {
	const flash = flashOf();
	open(flash).commit(network("home"));
	flash.delete = () => {};
	t.like(
		t.throws(() => open(flash).erase(), { instanceOf: Failure }),
		{
			code: "storage-mismatch",
			reason: "not-erased",
		},
	);
});

test("a storage of short values is too small", (t) => {
	const failure = t.throws(() => open(new InMemoryFlash(61)), { instanceOf: Failure });
	t.like(failure, { code: "bad-configuration", key: "storage", reason: "missing" });
	t.notThrows(() => open(new InMemoryFlash(108)));
});
