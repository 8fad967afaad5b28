/**
 * Stores the network that a person has entered, safe from power cuts.
 *
 * Two slots, `w0` and `w1`. A write uses the slot that is not in use, is read back and compared; the newest valid slot is
 * in use. A power cut therefore leaves the old network or the new one. A slot, little-endian:
 *
 *     0  "DW"                  4  generation, 32 bits
 *     2  format version, 1     8  name, UTF-8
 *     3  length of name        …  password, UTF-8; none for an open network
 *   end  CRC-32 of all before, 32 bits
 *
 * The credential's vault (`dynreg/credential-store/vault`) has other keys: neither changes the other.
 */

import { configurationError } from "../configuration/readers.js";
import type { Crypto, Storage } from "../contracts/host.js";
import type { WifiNetwork } from "../contracts/setup.js";
import { concat, crc32, isEqual, readNumber, writeNumber } from "../core/bytes.js";
import { Failure } from "../core/errors.js";
import { Secret } from "../core/secret.js";

/** Every method throws `Failure` in phase `store` if the storage fails. */
export interface NetworkStore {
	/** The network in use, or undefined if there is none. */
	load(): WifiNetwork | undefined;
	/**
	 * Stores a network that has given an address. On return, flash has been read back and compared.
	 *
	 * @throws Failure `storage-mismatch` if the comparison fails
	 */
	commit(network: WifiNetwork): void;
	/** Empties both slots, readable or not, the one in use last: after a power cut, that network remains, or none. */
	erase(): void;
}

/**
 * @throws Failure `bad-configuration` of `storage` if a value is too short for a record, as in an ESP8266's preferences:
 *   there, each write could also lose the credential (`docs/internals/reliability.md`)
 */
export const openNetworkStore = (storage: Storage, crypto: Crypto): NetworkStore => {
	// A name of 32 bytes and a password of 64, with header and CRC-32.
	if (storage.maxValueBytes < 108) throw configurationError("storage", "missing", "store");

	/** @throws Failure `storage-failed` if the record is valid but of a newer format */
	const read = (slot: Slot): NetworkRecord | undefined => {
		const bytes = storage.get(slot);
		// Shorter than this, there is no name.
		if (bytes === undefined || bytes.length < 13 || bytes[0] !== 0x44 || bytes[1] !== 0x57) return undefined;
		const end = bytes.length - 4;
		if (readNumber(bytes, end, 4) !== crc32(bytes.subarray(0, end))) return undefined;
		if (bytes[2] !== 1) throw new Failure("store", "storage-failed", "needs-attention", { reason: "newer-format" });
		const passwordStart = 8 + (bytes[3] as number);
		const name = crypto.text(bytes.slice(8, passwordStart));
		const password = crypto.text(bytes.slice(passwordStart, end));
		return {
			slot,
			generation: readNumber(bytes, 4, 4),
			network: password === "" ? { name } : { name, password: new Secret(password) },
		};
	};

	const newest = (): NetworkRecord | undefined => {
		const one = read("w0");
		const other = read("w1");
		// Generations wrap around after 32 bits, so compare their difference.
		return one && !(other && (other.generation - one.generation) >> 0 > 0) ? one : other;
	};

	return {
		load: () => newest()?.network,
		commit({ name, password }) {
			const current = newest();
			const nameBytes = crypto.utf8(name);
			const passwordBytes = crypto.utf8(password ? password.reveal() : "");
			const bytes = concat([new Uint8Array(8), nameBytes, passwordBytes, new Uint8Array(4)]);
			bytes.set([0x44, 0x57, 1, nameBytes.length]);
			writeNumber(bytes, 4, 4, (current?.generation ?? 0) + 1);
			writeNumber(bytes, bytes.length - 4, 4, crc32(bytes.subarray(0, -4)));
			const slot = current?.slot === "w0" ? "w1" : "w0";
			storage.set(slot, bytes);
			const stored = storage.get(slot);
			if (stored === undefined || !isEqual(stored, bytes)) throw new Failure("store", "storage-mismatch", "retry");
		},
		erase() {
			let first: Slot = "w0";
			try {
				if (newest()?.slot === "w0") first = "w1";
			} catch {
				// What cannot be read is erased, too.
			}
			storage.delete(first);
			storage.delete(first === "w0" ? "w1" : "w0");
			if (newest() !== undefined) throw new Failure("store", "storage-mismatch", "retry", { reason: "not-erased" });
		},
	};
};

type Slot = "w0" | "w1";

interface NetworkRecord {
	readonly slot: Slot;
	readonly generation: number;
	readonly network: WifiNetwork;
}
