import { createHash } from "node:crypto";
import { seededChance } from "./storage.js";

export const sectorBytes = 4096;

/** Milliseconds; typical of 4 MB chips (Winbond W25Q32: page program, sector erase). */
const programTime = 0.7;
const eraseTime = 45;

/** What flash holds after a cut, what was going on, and how long this moment lasts. */
export type CutWatcher = (what: string, left: () => NorFlash, milliseconds: number) => void;

/**
 * NOR flash, as behind SPI: an erase sets all bits of a sector, a write clears bits and sets none.
 *
 * A cut within an erase leaves anything between the old content, all zeros (chips clear a sector before they erase
 * it) and all ones. A cut within a write leaves the words before as they should be and any of the bits of one word
 * still set; or, as a chip programs a page at a time, any of the bits of all words of the call.
 */
export class NorFlash {
	readonly bytes: Uint8Array;
	/** What the owner is doing, for the counts. */
	doing = "";
	watch: CutWatcher | undefined;
	/** Milliseconds of one moment. */
	#moments = 0;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
	}

	static erased(sectors: number): NorFlash {
		return new NorFlash(new Uint8Array(sectors * sectorBytes).fill(0xff));
	}

	copy(): NorFlash {
		return new NorFlash(this.bytes.slice());
	}

	content(): string {
		return createHash("sha1").update(this.bytes).digest("base64");
	}

	/** What lies behind is erased. */
	read(offset: number, length: number): Uint8Array {
		const bytes = new Uint8Array(length).fill(0xff);
		bytes.set(this.bytes.subarray(offset, offset + length));
		return bytes;
	}

	erase(sector: number): void {
		const start = sector * sectorBytes;
		const before = this.bytes.slice(start, start + sectorBytes);
		const dice = seededChance(start + before.reduce((sum, byte) => sum * 31 + byte, 0));
		const half = sectorBytes >> 1;
		this.#moments = eraseTime / 10;
		this.#moment(start, before);
		for (const torn of [
			new Uint8Array(sectorBytes),
			before.map((byte) => byte & (dice() * 256)),
			before.map((byte) => byte | (dice() * 256)),
			before.map(() => dice() * 256),
			before.map((byte, index) => (index < half ? 0xff : byte)),
			before.map((byte, index) => (index < half ? byte : 0xff)),
			// All but its header, and all but one bit of it.
			before.map((byte, index) => (index < 12 ? byte : 0xff)),
			before.map((_, index) => (index === half ? 0xfe : 0xff)),
		])
			this.#moment(start, torn);
		this.bytes.fill(0xff, start, start + sectorBytes);
		this.#moment();
	}

	/** `offset` and the length are multiples of four. */
	write(offset: number, bytes: Uint8Array): void {
		if (offset & 3 || bytes.length & 3) throw new Error(`${bytes.length} bytes at ${offset}: expected whole words`);
		const old = this.bytes.slice(offset, offset + bytes.length);
		const dice = seededChance(offset + bytes.reduce((sum, byte) => sum * 31 + byte, old.length));
		const mask = () => dice() * 256;
		this.#moments = programTime / (3 + bytes.length / 2);
		this.#moment();
		for (let page = 0; page < 2; page++)
			this.#moment(
				offset,
				old.map((byte, i) => byte & ((bytes[i] as number) | mask())),
			);
		for (let word = 0; word < bytes.length; word += 4) {
			const torn = old.slice(word, word + 4).map((byte, i) => byte & ((bytes[word + i] as number) | mask()));
			this.#moment(offset + word, torn);
			for (let i = word; i < word + 4; i++)
				this.bytes[offset + i] = (this.bytes[offset + i] as number) & (bytes[i] as number);
			this.#moment();
		}
	}

	#moment(offset = 0, torn?: Uint8Array): void {
		const now = () => {
			const left = this.copy();
			if (torn) left.bytes.set(torn, offset);
			return left;
		};
		this.watch?.(this.doing, now, this.#moments);
	}
}
