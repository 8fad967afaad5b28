/**
 * Stores the credential in flash, safe from power cuts.
 *
 * Each identity has two slots. A write goes to the slot that is not in use, is read back and compared; the newest valid
 * slot is in use. A power cut therefore damages at most the slot being written (invariants 2, 3). Another product, cloud
 * or device name has its own slots and neither uses nor loses this one's (invariant 10).
 */

import type { Credential } from "../contracts/credential.js";
import type { Crypto, Storage } from "../contracts/host.js";
import { crc32, isEqual } from "../core/bytes.js";
import { Failure } from "../core/errors.js";
import { decode, encode, recordLength, type VaultRecord } from "./record.js";

type Slot = "a" | "b";

/** One identity's credential. Every method throws `Failure` in phase `store` if the storage fails. */
export interface Vault {
	/**
	 * Call before registering: checks that a credential of this kind can be stored, since the platform issues it only once.
	 *
	 * @throws Failure `storage-too-small`
	 */
	ensureFits(kind: Credential["kind"]): void;
	/** The record in use, or undefined if there is none. */
	load(): VaultRecord | undefined;
	/**
	 * Stores a newly registered credential as fresh, and keeps the active one that it replaces. On return, flash has been
	 * read back and compared (invariant 2).
	 *
	 * @throws Failure `storage-mismatch` if the comparison fails, `storage-failed`, `storage-too-small`
	 */
	commit(credential: Credential): VaultRecord;
	/** The broker has accepted the credential in use. */
	accepted(): void;
	/**
	 * The broker has refused the credential in use. Only the first refusal since power-up is written to flash. Until a replacement has been accepted, the two take turns and neither
	 * is dropped: after a power cut it is unknown which one is valid at the broker (invariant 6).
	 */
	refused(): void;
	/**
	 * Empties both slots, the one in use last: after a power cut, the credential in use remains, or none. Credentials of
	 * other identities stay.
	 */
	erase(): void;
}

/**
 * @param identity `cloud/product/name`
 * @example
 * const vault = openVault(host.storage, host.crypto, device.identity);
 * const credential = vault.load()?.credential;
 */
export const openVault = (storage: Storage, crypto: Crypto, identity: string): Vault =>
	new Slots(storage, crypto, identity);

class Slots implements Vault {
	private readonly storage: Storage;
	private readonly crypto: Crypto;
	private readonly identity: string;
	/** The identity's part of keys: its CRC-32, since an NVS key has at most 15 characters. */
	private readonly prefix: string;
	/** Whether a refusal since power-up is in flash, so that a board that is switched off after each attempt makes progress. */
	private isNoted = false;
	/** Further refusals, which are not written: a broker that refuses for ever must not wear the flash. */
	private unwritten = 0;

	constructor(storage: Storage, crypto: Crypto, identity: string) {
		this.storage = storage;
		this.crypto = crypto;
		this.identity = identity;
		this.prefix = `0000000${crc32(crypto.utf8(identity)).toString(16)}`.slice(-8);
	}

	ensureFits(kind: Credential["kind"]): void {
		const { maxValueBytes } = this.storage;
		if (kind === "certificate" && maxValueBytes < 512)
			throw new Failure("store", "storage-too-small", "needs-attention", { bytes: maxValueBytes });
	}

	load(): VaultRecord | undefined {
		let record = this.newest()?.record;
		for (let i = 0; record && i < this.unwritten; i++) record = afterRefusal(record);
		return record;
	}

	commit(credential: Credential): VaultRecord {
		this.ensureFits(credential.kind);
		const current = this.load();
		// Keep the credential that the broker has accepted before.
		const previous = current?.active ? current.credential : current?.previous;
		return this.write({ credential, active: false, refusals: 0, previous });
	}

	accepted(): void {
		const record = this.load() as VaultRecord;
		if (record.active && record.refusals === this.unwritten && !record.previous) this.unwritten = 0;
		else this.write({ ...record, active: true, refusals: 0, previous: undefined });
	}

	refused(): void {
		const record = this.load() as VaultRecord;
		if (!record.previous && isReplaceable(record)) return;
		if (!this.isNoted) this.write(afterRefusal(record));
		// Two that take turns are the same after every second refusal.
		else this.unwritten += record.previous && this.unwritten > 1 ? -1 : 1;
		this.isNoted = true;
	}

	erase(): void {
		const current = this.newest()?.slot;
		for (const slot of current === "a" ? (["b", "a"] as const) : (["a", "b"] as const)) {
			let parts = 0;
			while (this.storage.get(this.key(slot, parts)) !== undefined) parts++;
			// From the last part, so that the rest after a power cut is found again.
			while (parts > 0) this.storage.delete(this.key(slot, --parts));
		}
		if (this.load() !== undefined) throw new Failure("store", "storage-mismatch", "retry", { reason: "not-erased" });
	}

	/** Writes the next generation to the slot that is not in use. */
	private write(next: Omit<VaultRecord, "generation" | "identity">): VaultRecord {
		const current = this.newest();
		const slot = current?.slot === "a" ? "b" : "a";
		const record = { ...next, identity: this.identity, generation: ((current?.record.generation ?? 0) + 1) >>> 0 };
		const bytes = encode(this.crypto, record);
		const size = this.storage.maxValueBytes;
		for (let start = 0; start < bytes.length; start += size)
			this.storage.set(this.key(slot, start / size), bytes.slice(start, start + size));
		const stored = this.read(slot);
		if (stored === undefined || !isEqual(stored, bytes)) throw new Failure("store", "storage-mismatch", "retry");
		this.unwritten = 0;
		return record;
	}

	private newest(): { readonly slot: Slot; readonly record: VaultRecord } | undefined {
		const a = this.readRecord("a");
		const b = this.readRecord("b");
		// Generations wrap around after 32 bits, so compare their difference.
		if (b && !(a && (b.generation - a.generation) >> 0 <= 0)) return { slot: "b", record: b };
		return a && { slot: "a", record: a };
	}

	private readRecord(slot: Slot): VaultRecord | undefined {
		const bytes = this.read(slot);
		const record = bytes && decode(this.crypto, bytes);
		if (record && record.identity !== this.identity)
			throw new Failure("store", "storage-failed", "needs-attention", {
				reason: "other-device",
				value: record.identity,
			});
		return record;
	}

	/** The bytes of a slot's record; undefined if it holds none. */
	private read(slot: Slot): Uint8Array | undefined {
		let value = this.storage.get(this.key(slot, 0));
		const length = value && recordLength(value);
		if (length === undefined) return undefined;
		const bytes = new Uint8Array(length);
		let offset = 0;
		for (let part = 1; value?.length && offset + value.length <= length; part++) {
			bytes.set(value, offset);
			offset += value.length;
			if (offset === length) return bytes;
			value = this.storage.get(this.key(slot, part));
		}
		return undefined;
	}

	/** At most 15 characters, for NVS: a letter, 8 of the identity, the part in base 36. */
	private key(slot: Slot, part: number): string {
		return slot + this.prefix + part.toString(36);
	}
}

const afterRefusal = (record: VaultRecord): VaultRecord =>
	record.previous
		? {
				...record,
				credential: record.previous,
				active: !record.active,
				refusals: record.active ? 1 : 10,
				previous: record.credential,
			}
		: { ...record, refusals: record.refusals + 1 };

/** Whether a new registration may replace this credential (invariant 6). */
export const isReplaceable = (record: Pick<VaultRecord, "active" | "refusals">): boolean =>
	record.refusals >= (record.active ? 10 : 1);
