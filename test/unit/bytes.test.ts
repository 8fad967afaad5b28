import test from "ava";
import { concat, isEqual, readNumber, uint32, writeNumber } from "dynreg/core/bytes";

test("numbers are little-endian, of as many bytes as asked for", (t) => {
	const bytes = new Uint8Array(6);
	writeNumber(bytes, 1, 4, 0xfedcba98);
	t.deepEqual([...bytes], [0, 0x98, 0xba, 0xdc, 0xfe, 0]);
	t.is(readNumber(bytes, 1, 4), 0xfedcba98);
	t.is(readNumber(bytes, 2, 2), 0xdcba);
	t.is(readNumber(bytes, 4, 4), 0xfe, "what is not there counts as 0");
});

test("a word is in network byte order, and never negative", (t) => {
	t.is(uint32(Uint8Array.of(0, 0xfe, 0xdc, 0xba, 0x98), 1), 0xfedcba98);
});

test("bytes are equal if there are as many and each is", (t) => {
	t.true(isEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2)));
	t.false(isEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
	t.false(isEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3)));
});

test("parts are joined in order; of none there are no bytes", (t) => {
	t.deepEqual([...concat([Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)])], [1, 2, 3]);
	t.is(concat([]).length, 0);
});
