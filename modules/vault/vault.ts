/**
 * Where the credential lives in flash.
 *
 * Two slots for each identity. A write goes to the slot that is not in use, is read back
 * and compared; the newest sound slot wins. So whatever a power cut leaves in the slot
 * being written, the one in use still stands (invariants 2, 3). Another product, cloud or
 * device name has slots of its own: it neither uses nor loses this one's (invariant 10).
 */

import { Failure } from "dynreg/errors";
import type { Credential } from "../contracts/credential.js";
import type { Crypto, Storage } from "../contracts/host.js";
import { crc32 } from "./crc32.js";
import { decode, encode, type Record, recordLength } from "./record.js";

/** Refusals in a row after which an active credential may be replaced (invariant 6). */
const mostRefusals = 10;

type Slot = "a" | "b";

export class Vault {
	readonly #storage: Storage;
	readonly #crypto: Crypto;
	readonly #identity: string;
	/** Key prefix behind the slot's letter: the identity, shortened to what NVS keys have room for. */
	readonly #prefix: string;

	constructor(storage: Storage, crypto: Crypto, identity: string) {
		this.#storage = storage;
		this.#crypto = crypto;
		this.#identity = identity;
		this.#prefix = crc32(crypto.utf8(identity)).toString(16).padStart(8, "0");
	}

	/** The record in use, or undefined if there is none. @throws Failure in phase `store` */
	load(): Record | undefined {
		return this.#newest()?.record;
	}

	/**
	 * Stores a credential that registration has just yielded: fresh, with the active one
	 * that it replaces kept beside it. When this returns, flash has been read back and agrees.
	 *
	 * @throws Failure in phase `store`
	 */
	commit(credential: Credential): Record {
		const current = this.load();
		const previous = current?.active ? current.credential : current?.previous;
		return this.#write({ credential, active: false, refusals: 0, previous });
	}

	/** The broker has accepted the credential in use. */
	accepted(): void {
		const record = this.load() as Record;
		if (record.active && record.refusals === 0) return;
		this.#write({ ...record, active: true, refusals: 0, previous: undefined });
	}

	/**
	 * The broker has refused the credential in use. A fresh one gives way to the active one
	 * that it was to replace, if there is one.
	 */
	refused(): void {
		const record = this.load() as Record;
		if (record.previous !== undefined)
			this.#write({ credential: record.previous, active: true, refusals: mostRefusals, previous: undefined });
		else if (record.refusals < (record.active ? mostRefusals : 1))
			this.#write({ ...record, refusals: record.refusals + 1 });
	}

	/** Writes the next generation to the slot that is not in use. */
	#write(next: Omit<Record, "generation" | "identity">): Record {
		const current = this.#newest();
		const slot = current?.slot === "a" ? "b" : "a";
		const record: Record = {
			...next,
			identity: this.#identity,
			generation: (current?.record.generation ?? 0) + 1,
		};
		const bytes = encode(this.#crypto, record);
		const { maxValueBytes } = this.#storage;
		let part = 0;
		for (let start = 0; start < bytes.length; start += maxValueBytes)
			this.#storage.set(this.#key(slot, part++), bytes.slice(start, start + maxValueBytes));
		const stored = this.#read(slot);
		if (stored === undefined || stored.some((byte, index) => byte !== bytes[index]))
			throw new Failure(
				"store",
				"storage-mismatch",
				"retry",
				"Flash did not keep what was written to it; nothing was lost. If this repeats, the flash is worn out or full: erase it.",
			);
		return record;
	}

	#newest(): { readonly slot: Slot; readonly record: Record } | undefined {
		let newest: { readonly slot: Slot; readonly record: Record } | undefined;
		for (const slot of ["a", "b"] as const) {
			const bytes = this.#read(slot);
			const record = bytes && decode(this.#crypto, bytes);
			if (record === undefined || record.generation < (newest?.record.generation ?? 0)) continue;
			if (record.identity !== this.#identity)
				throw new Failure(
					"store",
					"storage-failed",
					"stop",
					`Flash holds the credential of ${record.identity} where this device's belongs; it is kept. Erase the flash, or choose another device name.`,
				);
			newest = { slot, record };
		}
		return newest;
	}

	/** A slot's bytes, as many as its record says; undefined if it holds none. */
	#read(slot: Slot): Uint8Array | undefined {
		const first = this.#storage.get(this.#key(slot, 0));
		const length = first && recordLength(first);
		if (first === undefined || length === undefined) return undefined;
		const bytes = new Uint8Array(length);
		let filled = 0;
		for (let part = 0; filled < length; part++) {
			const value = part === 0 ? first : this.#storage.get(this.#key(slot, part));
			if (value === undefined || value.length === 0 || filled + value.length > length) return undefined;
			bytes.set(value, filled);
			filled += value.length;
		}
		return bytes;
	}

	/** At most 15 characters, for NVS: a letter, 8 of the identity, the part in base 36. */
	#key(slot: Slot, part: number): string {
		return slot + this.#prefix + part.toString(36);
	}
}

/** Whether a new registration may replace this credential (invariant 6). */
export function isReplaceable(record: Record): boolean {
	return record.refusals >= (record.active ? mostRefusals : 1);
}
