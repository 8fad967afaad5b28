/**
 * A key-value log in two sectors of NOR flash, for boards whose own storage does not survive a power cut.
 * `docs/reference/flash-format.md` has the format as a table.
 *
 * One sector is in use. Values are appended to it; the last valid record of a key counts. When it is full, the current
 * values and the new one are copied to the other sector, whose header is written last and puts it in use. The sector in
 * use is never erased, and its records are never changed: after a power cut, a key has its old value or its new one.
 *
 * Assumptions about flash: an erase sets all bits of a sector, a write clears bits, and a power cut leaves each bit that
 * was to change in either state, only in the sector or the bytes being written.
 */

import type { FailureValues } from "../contracts/error.js";
import type { Storage } from "../contracts/host.js";
import { crc32, isEqual, readNumber, writeNumber } from "../core/bytes.js";
import { Failure } from "../core/errors.js";

/** Two sectors, 0 and 1. Each function throws if the flash fails. */
export interface Sectors {
	/** The size of one sector. */
	readonly bytes: number;
	read(sector: number, offset: number, length: number): Uint8Array;
	/** `offset` and the length of `bytes` are multiples of four. */
	write(sector: number, offset: number, bytes: Uint8Array): void;
	/** Sets all bits. */
	erase(sector: number): void;
}

/** A vault record with any key that the platforms issue fits into one value, so it is complete or absent. */
const maxValueBytes = 256;
/** "DRL1", sequence, CRC-32 of both. */
const header = 12;
/** Offset of a record's key, after the lengths of value (16 bits) and key (8 bits) and a zero. */
const keyStart = 4;
const trailer = 4;

interface Entry {
	readonly key: string;
	readonly start: number;
	readonly length: number;
}

/**
 * Opens the log. Reads both sectors and writes nothing.
 *
 * @throws any error of `sectors`
 * @example const storage = openFlashLog(sectors); storage.set("a1f2e3d4c0", bytes);
 */
export const openFlashLog = (sectors: Sectors): Storage => {
	/** The sector in use. */
	let current = 1;
	/** Incremented with each change of sectors; of two valid headers the higher one is in use. */
	let sequence = 0;
	/** Offset of the next record; at the end of the sector, the next record goes to the other sector. */
	let end = sectors.bytes;
	/** The last record of each key. */
	let records: Entry[] = [];

	const entryOf = (key: string): Entry | undefined => {
		for (const entry of records) if (entry.key === key) return entry;
		return undefined;
	};

	const remember = (list: readonly Entry[], entry: Entry): Entry[] => [...without(list, entry.key), entry];

	/**
	 * A torn record is at most as long as its header says: a write only clears bits, so a partly written length is too
	 * high. A record after it is therefore never read as part of it, nor the other way round.
	 */
	const scan = (bytes: Uint8Array): void => {
		let start = header;
		while (start + keyStart <= bytes.length && wordAt(bytes, start) !== 0xffff_ffff) {
			const length = lengthOf(bytes, start);
			if (start + length > bytes.length) return;
			const record = bytes.subarray(start, start + length);
			if (wordAt(record, length - trailer) === crc32(record.subarray(0, -trailer)))
				records = remember(records, { key: keyIn(record), start, length });
			start += length;
		}
		// A power cut may have left the first word of a record unwritten, but not the others.
		for (let i = start; i < bytes.length; i++) if (bytes[i] !== 0xff) return;
		end = start;
	};

	/** Moves all records to the other sector, except this key's, which is replaced or dropped. */
	const move = (key: string, replacement: Uint8Array | undefined): void => {
		const kept = without(records, key);
		let room = sectors.bytes - header - (replacement?.length ?? 0);
		for (const { length } of kept) room -= length;
		if (room < 0) throw failed("full", { key });
		const other = 1 - current;
		const moved: Entry[] = [];
		let position = header;
		const append = (name: string, record: Uint8Array) => {
			sectors.write(other, position, record);
			moved.push({ key: name, start: position, length: record.length });
			position += record.length;
		};
		sectors.erase(other);
		for (const entry of kept) append(entry.key, sectors.read(current, entry.start, entry.length));
		if (replacement) append(key, replacement);
		sectors.write(other, 0, headerOf(sequence + 1));
		current = other;
		sequence++;
		records = moved;
		end = position;
	};

	for (let sector = 0; sector < 2; sector++) {
		const bytes = sectors.read(sector, 0, header);
		const found = wordAt(bytes, 4);
		if (!isEqual(bytes, headerOf(found)) || found <= sequence) continue;
		current = sector;
		sequence = found;
	}
	if (sequence > 0) scan(sectors.read(current, 0, sectors.bytes));

	return {
		maxValueBytes,
		get(key) {
			const entry = entryOf(key);
			if (entry === undefined) return undefined;
			const record = sectors.read(current, entry.start, entry.length);
			return record.slice(keyStart + key.length, keyStart + key.length + valueLength(record, 0));
		},
		set(key, value) {
			if (value.length > maxValueBytes) throw failed("too-long", { key, bytes: value.length });
			const record = recordOf(key, value);
			const start = end;
			if (start + record.length > sectors.bytes) return move(key, record);
			// After a failed write, nothing may be appended to a partly written record.
			end = sectors.bytes;
			sectors.write(current, start, record);
			end = start + record.length;
			records = remember(records, { key, start, length: record.length });
		},
		delete(key) {
			if (entryOf(key)) move(key, undefined);
		},
	};
};

const without = (records: readonly Entry[], key: string): Entry[] => {
	const kept: Entry[] = [];
	for (const entry of records) if (entry.key !== key) kept.push(entry);
	return kept;
};

const headerOf = (sequence: number): Uint8Array => {
	const bytes = Uint8Array.of(0x44, 0x52, 0x4c, 0x31, 0, 0, 0, 0, 0, 0, 0, 0);
	writeNumber(bytes, 4, 4, sequence);
	writeNumber(bytes, 8, 4, crc32(bytes.subarray(0, 8)));
	return bytes;
};

const recordOf = (key: string, value: Uint8Array): Uint8Array => {
	const bytes = new Uint8Array(rounded(keyStart + key.length + value.length + trailer));
	writeNumber(bytes, 0, 2, value.length);
	bytes[2] = key.length;
	for (let i = 0; i < key.length; i++) bytes[keyStart + i] = key.charCodeAt(i);
	bytes.set(value, keyStart + key.length);
	writeNumber(bytes, bytes.length - trailer, 4, crc32(bytes.subarray(0, -trailer)));
	return bytes;
};

const keyIn = (record: Uint8Array): string => {
	let key = "";
	for (let i = 0; i < (record[2] as number); i++) key += String.fromCharCode(record[keyStart + i] as number);
	return key;
};

/** The length of the record that begins at `start`. */
const lengthOf = (bytes: Uint8Array, start: number): number =>
	rounded(keyStart + (bytes[start + 2] as number) + valueLength(bytes, start) + trailer);

const valueLength = (bytes: Uint8Array, start: number): number => wordAt(bytes, start) & 0xffff;

/** Up to a multiple of four: flash is written in words. */
const rounded = (length: number): number => (length + 3) & ~3;

const wordAt = (bytes: Uint8Array, offset: number): number => readNumber(bytes, offset, 4);

const failed = (reason: string, values: FailureValues): Failure =>
	new Failure("store", "storage-failed", "retry", { reason, ...values });
