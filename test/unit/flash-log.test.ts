import test from "ava";
import { Failure } from "dynreg/core/errors";
import { openFlashLog } from "dynreg/credential-store/flash-log";
import { sectorsOf } from "../power/flash-log.js";
import { NorFlash, sectorBytes } from "../power/nor-flash.js";

const open = (flash: NorFlash) => openFlashLog(sectorsOf(flash));
const bytes = (length: number, first = 0) => Uint8Array.from({ length }, (_, index) => first + index);
const word = (flash: NorFlash, offset: number) => new DataView(flash.bytes.buffer).getUint32(offset, true);
const failed = { phase: "store", code: "storage-failed" };

test("an erased or foreign flash is an empty log, and reading writes nothing", (t) => {
	for (const content of [0xff, 0x00, 0x44]) {
		const flash = new NorFlash(new Uint8Array(2 * sectorBytes).fill(content));
		t.is(open(flash).get("a1"), undefined);
		open(flash).delete("a1");
		t.true(flash.bytes.every((byte) => byte === content));
	}
});

test("a value is kept exactly until it is replaced or deleted", (t) => {
	for (const content of [0xff, 0x00]) {
		const flash = new NorFlash(new Uint8Array(2 * sectorBytes).fill(content));
		const log = open(flash);
		for (const length of [256, 0, 1, 2, 3, 4]) {
			log.set("a1", bytes(length, 7));
			log.set("abcdefghijklm15", bytes(length));
			for (const reader of [log, open(flash)]) {
				t.deepEqual(reader.get("a1"), bytes(length, 7));
				t.deepEqual(reader.get("abcdefghijklm15"), bytes(length));
			}
		}
		log.delete("a1");
		for (const reader of [log, open(flash)]) {
			t.is(reader.get("a1"), undefined);
			t.deepEqual(reader.get("abcdefghijklm15"), bytes(4));
		}
	}
});

test("what is written and read stays what it was when the caller's buffers change", (t) => {
	const log = open(NorFlash.erased(2));
	const value = bytes(3);
	log.set("a1", value);
	value.fill(9);
	log.get("a1")?.fill(9);
	t.deepEqual(log.get("a1"), bytes(3));
});

test("a full sector moves to the other one without losing a value", (t) => {
	const flash = NorFlash.erased(2);
	const log = open(flash);
	log.set("kept", bytes(200));
	let erased: number[] = [];
	const erase = flash.erase.bind(flash);
	flash.erase = (sector) => {
		erased.push(sector);
		erase(sector);
	};
	for (let write = 0; write < 200; write++) {
		log.set("a1", bytes(100, write));
		t.deepEqual(open(flash).get("a1"), bytes(100, write));
		t.deepEqual(open(flash).get("kept"), bytes(200));
	}
	t.true(erased.length >= 4 && erased.length <= 8, `${erased.length} erases`);
	t.true(erased.every((sector, turn) => sector === (turn + 1) % 2));
	erased = [];
	open(flash).get("a1");
	t.deepEqual(erased, []);
});

test("more than a sector holds is refused, and what it holds stands", (t) => {
	const flash = NorFlash.erased(2);
	const log = open(flash);
	t.like(
		t.throws(() => log.set("a1", bytes(257)), { instanceOf: Failure }),
		failed,
	);
	for (let key = 0; key < 15; key++) log.set(`key${key}`, bytes(256));
	for (let time = 0; time < 2; time++)
		t.like(
			t.throws(() => log.set("one-more", bytes(256)), { instanceOf: Failure }),
			failed,
		);
	for (const reader of [log, open(flash)])
		for (let key = 0; key < 15; key++) t.deepEqual(reader.get(`key${key}`), bytes(256));
});

test("a partial write is never appended to; the other sector is used", (t) => {
	const flash = NorFlash.erased(2);
	const log = open(flash);
	log.set("a1", bytes(8));
	const write = flash.write.bind(flash);
	flash.write = (offset, content) => {
		write(offset, content.subarray(0, 8));
		throw new Error("worn out");
	};
	t.throws(() => log.set("a1", bytes(8, 1)));
	flash.write = write;
	t.deepEqual(log.get("a1"), bytes(8));
	log.set("a1", bytes(8, 2));
	t.deepEqual(log.get("a1"), bytes(8, 2));
	t.is(word(flash, sectorBytes + 4), 2, "sequence of the other sector");
});

test("a record that is torn in the middle is passed over, and the sector is used on", (t) => {
	const flash = NorFlash.erased(2);
	const log = open(flash);
	log.set("a1", bytes(8));
	// Lengths and key, and no more than that.
	flash.write(12 + 20, Uint8Array.of(8, 0, 2, 0, 0x61, 0x31, 0xff, 0xff));
	const after = open(flash);
	t.deepEqual(after.get("a1"), bytes(8));
	after.set("a1", bytes(8, 1));
	t.deepEqual(open(flash).get("a1"), bytes(8, 1));
	t.is(word(flash, sectorBytes + 4), 0xffff_ffff, "the other sector is as it was");
});

test("behind a record whose beginning is torn nothing is written: its end is not known", (t) => {
	for (const [offset, torn] of [
		[0, Uint8Array.of(0xff, 0xff, 2, 0)],
		[4, Uint8Array.of(0x61, 0x31, 0, 0)],
	] as const) {
		const flash = NorFlash.erased(2);
		open(flash).set("a1", bytes(8));
		flash.write(12 + 20 + offset, torn);
		const log = open(flash);
		t.deepEqual(log.get("a1"), bytes(8));
		log.set("b1", bytes(8, 1));
		t.is(word(flash, sectorBytes + 4), 2, "sequence of the other sector");
		for (const reader of [log, open(flash)]) {
			t.deepEqual(reader.get("a1"), bytes(8));
			t.deepEqual(reader.get("b1"), bytes(8, 1));
		}
	}
});

test("a record that has rotted is none, and those behind it are found", (t) => {
	const flash = NorFlash.erased(2);
	const log = open(flash);
	log.set("a1", bytes(8));
	log.set("b1", bytes(8));
	flash.bytes[12 + 10] = 0;
	t.is(open(flash).get("a1"), undefined);
	t.deepEqual(open(flash).get("b1"), bytes(8));
});

test("a power cut at any moment leaves the old value or the new one", (t) => {
	const flash = NorFlash.erased(2);
	let cuts = 0;
	const values = new Map<string, Uint8Array>();
	for (let write = 0; write < 60; write++) {
		const key = `key${write % 3}`;
		const old = values.get(key);
		const value = write % 10 === 9 ? undefined : bytes(50 + write * 3, write);
		const left: NorFlash[] = [];
		flash.watch = (_, now) => left.push(now());
		const log = open(flash);
		if (value === undefined) log.delete(key);
		else log.set(key, value);
		flash.watch = undefined;
		for (const each of left) {
			const after = open(each);
			const found = after.get(key)?.toString();
			if (found !== old?.toString() && found !== value?.toString()) t.fail(`write ${write}: ${found}`);
			for (const [other, kept] of values)
				if (other !== key && after.get(other)?.toString() !== kept.toString())
					t.fail(`write ${write}: ${other} is lost`);
			after.set(key, bytes(20));
			if (open(each).get(key)?.toString() !== bytes(20).toString()) t.fail(`write ${write}: nothing is kept any more`);
			cuts++;
		}
		if (value) values.set(key, value);
		else values.delete(key);
	}
	t.log(`${cuts} power cuts, 0 values lost`);
	t.true(cuts > 5000);
});
