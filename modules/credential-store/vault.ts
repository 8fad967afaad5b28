/**
 * Where the credential lives in flash.
 *
 * Two slots for each identity. A write goes to the slot that is not in use, is read back
 * and compared; the newest sound slot wins. So whatever a power cut leaves in the slot
 * being written, the one in use still stands (invariants 2, 3). Another product, cloud or
 * device name has slots of its own: it neither uses nor loses this one's (invariant 10).
 */

import type { Credential } from "../contracts/credential.js";
import type { Crypto, Storage } from "../contracts/host.js";
import { crc32, isEqual } from "../core/bytes.js";
import { Failure } from "../core/errors.js";
import { decode, encode, type Record, recordLength } from "./record.js";

type Slot = "a" | "b";

/** All of it throws `Failure` in phase `store`. */
export interface Vault {
	/**
	 * Asks before a credential of this kind is registered for whether it can be kept, so that
	 * none is handed out in vain.
	 *
	 * @throws Failure `storage-too-small`
	 */
	prepare(kind: Credential["kind"]): void;
	/** The record in use, or undefined if there is none. */
	load(): Record | undefined;
	/**
	 * Stores a credential that registration has just yielded: fresh, with the active one
	 * that it replaces kept beside it. When this returns, flash has been read back and agrees.
	 */
	commit(credential: Credential): Record;
	/** The broker has accepted the credential in use. */
	accepted(): void;
	/**
	 * The broker has refused the credential in use. While a replacement waits for its first
	 * acceptance, the two take turns, and neither is given up: which one the broker knows
	 * may have been lost with a power cut.
	 */
	refused(): void;
	/**
	 * Empties both slots, the one in use last: a power cut leaves the credential in use, or none. Other devices'
	 * credentials stay.
	 */
	erase(): void;
}

export const openVault = (storage: Storage, crypto: Crypto, identity: string): Vault =>
	new Slots(storage, crypto, identity);

class Slots implements Vault {
	private readonly storage: Storage;
	private readonly crypto: Crypto;
	private readonly identity: string;
	/** Of keys, behind the slot's letter: the identity, shortened to what NVS keys have room for. */
	private readonly prefix: string;

	constructor(storage: Storage, crypto: Crypto, identity: string) {
		this.storage = storage;
		this.crypto = crypto;
		this.identity = identity;
		this.prefix = `0000000${crc32(crypto.utf8(identity)).toString(16)}`.slice(-8);
	}

	prepare(kind: Credential["kind"]): void {
		const { maxValueBytes } = this.storage;
		if (kind === "certificate" && maxValueBytes < 512)
			throw new Failure("store", "storage-too-small", "stop", { number: maxValueBytes });
	}

	load(): Record | undefined {
		return this.newest()?.record;
	}

	commit(credential: Credential): Record {
		this.prepare(credential.kind);
		const current = this.load();
		// Of the two, the one that the broker has accepted before.
		const previous = current?.active ? current.credential : current?.previous;
		return this.write({ credential, active: false, refusals: 0, previous });
	}

	accepted(): void {
		const record = this.load() as Record;
		if (record.active && record.refusals === 0) return;
		this.write({ ...record, active: true, refusals: 0, previous: undefined });
	}

	refused(): void {
		const record = this.load() as Record;
		if (record.previous !== undefined)
			this.write({
				credential: record.previous,
				active: !record.active,
				refusals: record.active ? 1 : 10,
				previous: record.credential,
			});
		else if (!isReplaceable(record)) this.write({ ...record, refusals: record.refusals + 1 });
	}

	erase(): void {
		const inUse = this.newest()?.slot;
		for (const slot of inUse === "a" ? (["b", "a"] as const) : (["a", "b"] as const)) {
			let parts = 0;
			while (this.storage.get(this.key(slot, parts)) !== undefined) parts++;
			// From the end, so that what a power cut leaves is found again.
			while (parts > 0) this.storage.delete(this.key(slot, --parts));
		}
		if (this.load() !== undefined) throw new Failure("store", "storage-mismatch", "retry", { reason: "not-erased" });
	}

	/** Writes the next generation to the slot that is not in use. */
	private write(next: Omit<Record, "generation" | "identity">): Record {
		const current = this.newest();
		const slot = current?.slot === "a" ? "b" : "a";
		const record = { ...next, identity: this.identity, generation: ((current?.record.generation ?? 0) + 1) >>> 0 };
		const bytes = encode(this.crypto, record);
		const size = this.storage.maxValueBytes;
		for (let start = 0; start < bytes.length; start += size)
			this.storage.set(this.key(slot, start / size), bytes.slice(start, start + size));
		const stored = this.read(slot);
		if (stored === undefined || !isEqual(stored, bytes)) throw new Failure("store", "storage-mismatch", "retry");
		return record;
	}

	private newest(): { readonly slot: Slot; readonly record: Record } | undefined {
		const a = this.readRecord("a");
		const b = this.readRecord("b");
		// Generations begin anew after 32 bits: which is newer, their difference says.
		if (b && !(a && (b.generation - a.generation) >> 0 <= 0)) return { slot: "b", record: b };
		return a && { slot: "a", record: a };
	}

	private readRecord(slot: Slot): Record | undefined {
		const bytes = this.read(slot);
		const record = bytes && decode(this.crypto, bytes);
		if (record && record.identity !== this.identity)
			throw new Failure("store", "storage-failed", "stop", { reason: "other-device", value: record.identity });
		return record;
	}

	/** A slot's bytes, as many as its record says; undefined if it holds none. */
	private read(slot: Slot): Uint8Array | undefined {
		let value = this.storage.get(this.key(slot, 0));
		const length = value && recordLength(value);
		if (length === undefined) return undefined;
		const bytes = new Uint8Array(length);
		let filled = 0;
		for (let part = 1; value?.length && filled + value.length <= length; part++) {
			bytes.set(value, filled);
			filled += value.length;
			if (filled === length) return bytes;
			value = this.storage.get(this.key(slot, part));
		}
		return undefined;
	}

	/** At most 15 characters, for NVS: a letter, 8 of the identity, the part in base 36. */
	private key(slot: Slot, part: number): string {
		return slot + this.prefix + part.toString(36);
	}
}

/** Whether a new registration may replace this credential (invariant 6). */
export const isReplaceable = (record: Pick<Record, "active" | "refusals">): boolean =>
	record.refusals >= (record.active ? 10 : 1);
