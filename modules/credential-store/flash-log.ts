/**
 * Keys and values in two sectors of NOR flash, for boards whose own storage does not survive a power
 * cut. `docs/flash-format.md` has the format as a table.
 *
 * One sector is in use. A value is appended to it; of a key, the last sound record counts. When it is
 * full, what counts is copied to the other one together with the new value, and the header that puts
 * that one in use is written last. The sector in use is never erased, and what is in it never changed: whatever
 * a cut leaves, a key has its old value or its new one.
 *
 * It stands on this much of flash: an erase sets all bits of a sector, a write clears some, and a cut leaves
 * each of the bits that were to change either way, in the sector or the bytes being written and nowhere else.
 */

import type { FailureValues } from "../contracts/error.js";
import type { Storage } from "../contracts/host.js";
import { crc32, isEqual, readNumber, writeNumber } from "../core/bytes.js";
import { Failure } from "../core/errors.js";

/** Two sectors, 0 and 1. All of it throws when the flash fails. */
export interface Sectors {
	/** Of one sector. */
	readonly bytes: number;
	read(sector: number, offset: number, length: number): Uint8Array;
	/** `offset` and the length of `bytes` are multiples of four. */
	write(sector: number, offset: number, bytes: Uint8Array): void;
	/** Sets all bits. */
	erase(sector: number): void;
}

/** Bytes. A record of the vault with any key that the platforms hand out is one value, so whole or not there at all. */
const maxValueBytes = 256;
/** "DRL1", sequence, CRC-32 of both. */
const header = 12;
/** Where a record's key begins, behind the lengths of value (16 bits) and key (8 bits) and a zero. */
const keyStart = 4;
const trailer = 4;

interface Place {
	readonly key: string;
	readonly start: number;
	readonly length: number;
}

/** Reads both sectors and writes nothing. */
export const openFlashLog = (sectors: Sectors): Storage => {
	/** The sector in use. */
	let current = 1;
	/** Counts up with each change of sectors; of two sound headers the higher one is in use. */
	let sequence = 0;
	/** Where the next record goes. No room behind it: the next one goes to the other sector. */
	let end = sectors.bytes;
	/** Of each key, the last one. */
	let records: Place[] = [];

	const placeOf = (key: string): Place | undefined => {
		for (const place of records) if (place.key === key) return place;
		return undefined;
	};

	const remember = (list: readonly Place[], place: Place): Place[] => [...without(list, place.key), place];

	/**
	 * What is torn is as long as its header says, or shorter: a write only clears bits, and lengths that
	 * were not all cleared are too high. So nothing behind it is taken for a part of it, or the other way round.
	 */
	const scan = (bytes: Uint8Array): void => {
		let start = header;
		while (start + keyStart <= bytes.length && word(bytes, start) !== 0xffff_ffff) {
			const length = lengthOf(bytes, start);
			if (start + length > bytes.length) return;
			const record = bytes.subarray(start, start + length);
			if (word(record, length - trailer) === crc32(record.subarray(0, -trailer)))
				records = remember(records, { key: keyIn(record), start, length });
			start += length;
		}
		// A cut may have left the first word of a record as it was, and not the others.
		for (let i = start; i < bytes.length; i++) if (bytes[i] !== 0xff) return;
		end = start;
	};

	/** Everything but the record of this key, which is replaced by another or by none, goes to the other sector. */
	const move = (key: string, replacement: Uint8Array | undefined): void => {
		const kept = without(records, key);
		let room = sectors.bytes - header - (replacement?.length ?? 0);
		for (const { length } of kept) room -= length;
		if (room < 0) throw failed("full", { key });
		const other = 1 - current;
		const moved: Place[] = [];
		let position = header;
		const append = (name: string, record: Uint8Array) => {
			sectors.write(other, position, record);
			moved.push({ key: name, start: position, length: record.length });
			position += record.length;
		};
		sectors.erase(other);
		for (const place of kept) append(place.key, sectors.read(current, place.start, place.length));
		if (replacement) append(key, replacement);
		sectors.write(other, 0, headerOf(sequence + 1));
		current = other;
		sequence++;
		records = moved;
		end = position;
	};

	for (let sector = 0; sector < 2; sector++) {
		const bytes = sectors.read(sector, 0, header);
		const found = word(bytes, 4);
		if (!isEqual(bytes, headerOf(found)) || found <= sequence) continue;
		current = sector;
		sequence = found;
	}
	if (sequence > 0) scan(sectors.read(current, 0, sectors.bytes));

	return {
		maxValueBytes,
		get(key) {
			const place = placeOf(key);
			if (place === undefined) return undefined;
			const record = sectors.read(current, place.start, place.length);
			return record.slice(keyStart + key.length, keyStart + key.length + valueLength(record, 0));
		},
		set(key, value) {
			if (value.length > maxValueBytes) throw failed("too-long", { key, number: value.length });
			const record = recordOf(key, value);
			const start = end;
			if (start + record.length > sectors.bytes) return move(key, record);
			// Until it is written whole, what is there is nothing to append to.
			end = sectors.bytes;
			sectors.write(current, start, record);
			end = start + record.length;
			records = remember(records, { key, start, length: record.length });
		},
		delete(key) {
			if (placeOf(key)) move(key, undefined);
		},
	};
};

const without = (records: readonly Place[], key: string): Place[] => {
	const kept: Place[] = [];
	for (const place of records) if (place.key !== key) kept.push(place);
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

/** Of the whole record that begins here. */
const lengthOf = (bytes: Uint8Array, start: number): number =>
	rounded(keyStart + (bytes[start + 2] as number) + valueLength(bytes, start) + trailer);

const valueLength = (bytes: Uint8Array, start: number): number => word(bytes, start) & 0xffff;

/** Flash is written in words. */
const rounded = (length: number): number => (length + 3) & ~3;

const word = (bytes: Uint8Array, offset: number): number => readNumber(bytes, offset, 4);

const failed = (reason: string, values: FailureValues): Failure =>
	new Failure("store", "storage-failed", "retry", { reason, ...values });
