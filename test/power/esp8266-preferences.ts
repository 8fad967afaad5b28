import { NorFlash, sectorBytes } from "./nor-flash.js";
import type { CutMoment, CuttableStorage } from "./storage.js";

/** The limit that the ESP8266 build declares, taken from there. */
const limits: typeof import("../../build/hosts/moddable/platforms/esp8266/limits.js") = await import(
	new URL("../../../build/hosts/moddable/platforms/esp8266/limits.js", import.meta.url).href
);

/** As in modules/files/preference/esp/modPreference.c. */
const magic = 0x81213141;
const bufferBytes = 64;
const bufferType = 4;
const domain = "dynreg";

/** Where an entry lies; sizes as the C code computes them, right or wrong. */
interface Found {
	readonly entry: number;
	readonly value: number;
	readonly size: number;
}

/**
 * The SDK's preferences on an ESP8266: `modPreference.c` of SDK 8.2.3 step by step, over flash.
 *
 * Two sectors, of which the first one that begins with the magic number is in use. An entry is domain, key, type,
 * length and value, padded to words, without a checksum; one that is out of date is overwritten with zeros. Behind
 * the two sectors there is a third one, the first of the partition `storage`: the code may write there.
 *
 * Where the C code reads on through its stack, behind a buffer, there is 0x55 here, and strings end.
 */
export class Esp8266Preferences implements CuttableStorage {
	readonly maxValueBytes = limits.maxValueBytes;
	readonly #flash: NorFlash;

	constructor(flash: NorFlash = NorFlash.erased(3)) {
		this.#flash = flash;
	}

	set watch(watch: ((moment: CutMoment) => void) | undefined) {
		this.#flash.watch =
			watch &&
			((what, left, milliseconds) =>
				watch({ what, milliseconds, storageAfterCut: () => new Esp8266Preferences(left()) }));
	}

	copy(): Esp8266Preferences {
		return new Esp8266Preferences(this.#flash.copy());
	}

	content(): string {
		return this.#flash.content();
	}

	get(key: string): Uint8Array | undefined {
		const found = this.#find(key);
		if (!found) return undefined;
		const buffer = this.#flash.read(found.value, bufferBytes);
		if (buffer[0] !== bufferType) return undefined;
		const length = (buffer[1] as number) | ((buffer[2] as number) << 8);
		const value = new Uint8Array(length).fill(0x55);
		value.set(buffer.subarray(3, 3 + length));
		return value;
	}

	set(key: string, value: Uint8Array): void {
		const text = Buffer.from(`${domain}\0${key}\0`);
		const size = (text.length + 3 + value.length + 3) & ~3;
		if (size > bufferBytes * 2 || value.length > 63) throw new Error("can't save prefs");
		this.#erase(key);
		let end = this.#end();
		if (sectorBytes - (end & (sectorBytes - 1)) < size) {
			this.#compact(end);
			end = this.#end();
			if (sectorBytes - (end & (sectorBytes - 1)) < size) throw new Error("can't save prefs");
		}
		const entry = new Uint8Array(size);
		entry.set(text);
		entry.set([bufferType, value.length & 0xff, value.length >> 8], text.length);
		entry.set(value, text.length + 3);
		this.#flash.doing = "the new entry is written";
		this.#write(end, entry);
	}

	delete(key: string): void {
		this.#erase(key);
	}

	/** `erasePref` */
	#erase(key: string): void {
		const found = this.#find(key);
		if (!found) return;
		this.#flash.doing = "the old entry is overwritten with zeros";
		for (let done = 0; done < found.size; done += bufferBytes)
			this.#write(found.entry + done, new Uint8Array(Math.min(bufferBytes, found.size - done)));
	}

	/** In `modPreferenceSet`. */
	#compact(end: number): void {
		this.#flash.doing = "everything is moved to the other sector";
		const source = end & ~(sectorBytes - 1);
		const destination = source === 0 ? sectorBytes : 0;
		this.#flash.erase(destination / sectorBytes);
		this.#write(destination, word(magic));
		let to = destination + 4;
		for (let from = source + 4; from < end; ) {
			const bytes = this.#flash.read(from, bufferBytes * 2);
			let use = Math.min(end - from, bytes.length);
			let skipped = 0;
			while (use > 0 && bytes[skipped] === 0) {
				skipped++;
				use--;
			}
			from += skipped;
			if (use === 0) continue;
			// An erased byte where an entry should begin: the C code goes on for ever.
			if (bytes[skipped] === 0xff) throw new Error("the watchdog bites");
			const entry = this.#flash.read(from, bufferBytes * 2);
			const key = stringEnd(entry, 0);
			const value = stringEnd(entry, key);
			const size = (value + entrySize(entry.subarray(value)) + 3) & ~3;
			this.#write(to, this.#flash.read(from, Math.min(size, bufferBytes * 2)));
			to += size;
			from += size;
		}
		this.#write(source, word(0));
	}

	/** `findPrefsBlock` */
	#block(): number | undefined {
		for (const sector of [0, sectorBytes]) {
			const bytes = this.#flash.read(sector, 4);
			if (new DataView(bytes.buffer).getUint32(0, true) === magic) return sector;
		}
		this.#flash.doing = "both sectors are erased, as neither has the magic number";
		this.#flash.erase(0);
		this.#flash.erase(1);
		this.#write(0, word(magic));
		return undefined;
	}

	/** `findPrefOffset` */
	#find(key: string): Found | undefined {
		const block = this.#block();
		return block === undefined ? undefined : this.#search(block, key);
	}

	/** `findPrefOffset` without a key: where the next entry goes. */
	#end(): number {
		return (this.#search(this.#block() ?? 0, undefined) as Found).entry;
	}

	#search(block: number, key: string | undefined): Found | undefined {
		const end = block + sectorBytes;
		let offset = block + 4;
		while (offset < end) {
			const bytes = this.#flash.read(offset, Math.min(bufferBytes, end - offset));
			const first = bytes.findIndex((byte) => byte !== 0);
			if (first < 0) {
				offset += bytes.length;
				continue;
			}
			offset += first;
			if (bytes[first] === 0xff) return key === undefined ? { entry: offset, value: 0, size: 0 } : undefined;
			const entry = offset;
			const names = [0, 0].map(() => {
				const buffer = this.#flash.read(offset, bufferBytes);
				const length = stringEnd(buffer, 0);
				offset += length;
				return Buffer.from(buffer.subarray(0, length - 1)).toString("latin1");
			});
			const value = offset;
			offset = (offset + entrySize(this.#flash.read(offset, bufferBytes)) + 3) & ~3;
			if (names[0] === domain && names[1] === key) return { entry, value, size: offset - entry };
		}
		return key === undefined ? { entry: offset - 1, value: 0, size: 0 } : undefined;
	}

	/** `modSPIWrite`: whole words, with ones where nothing is to change. Outside of the chip nothing is. */
	#write(offset: number, bytes: Uint8Array): void {
		const start = offset & ~3;
		const words = new Uint8Array((offset - start + bytes.length + 3) & ~3).fill(0xff);
		words.set(bytes, offset - start);
		const room = this.#flash.bytes.length - start;
		if (room > 0) this.#flash.write(start, words.subarray(0, room));
	}
}

/** Behind the NUL, or behind the buffer. */
function stringEnd(bytes: Uint8Array, start: number): number {
	const end = bytes.indexOf(0, start);
	return (end < 0 ? bytes.length : end) + 1;
}

/** `getPrefSize`, without the types of the SDK's key-value module. */
function entrySize(value: Uint8Array): number {
	switch (value[0]) {
		case 1:
			return 1 + 1;
		case 2:
			return 1 + 4;
		case 3:
			return stringEnd(value, 1);
		case bufferType:
			return 1 + 2 + ((value[1] as number) | ((value[2] as number) << 8));
		default:
			return keyValueSize((value[0] ?? 0xff) - 0x80, value);
	}
}

/** Entries of the SDK's key-value module in the same sectors, by their format. */
function keyValueSize(format: number, value: Uint8Array): number {
	if (format === 2 || format === 3) return 1 + 2 + ((value[1] as number) | ((value[2] as number) << 8));
	if (format >= 5 && format <= 12) return 1 + (1 << ((format - 5) >> 1));
	// "force to skip to end of preferences"
	return sectorBytes;
}

function word(value: number): Uint8Array {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setUint32(0, value, true);
	return bytes;
}
