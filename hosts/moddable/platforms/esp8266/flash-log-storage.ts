import { choice } from "dynreg/configuration/readers";
import { openFlashLog, type Sectors } from "dynreg/credential-store/flash-log";
import { attempt, preferences } from "dynreg/device/preferences";
import Flash from "flash";
import config from "mc/config";
import type { Storage } from "../../../../modules/contracts/host.js";

/**
 * The partition for a file system in the SDK's linker script for 4 MB. The log uses its last two sectors: after a torn
 * entry, the SDK's preferences write beyond their two sectors, into the first sector of this partition.
 */
const partition = "storage";

/**
 * In the place of `storage.ts` where `manifest_flash_log.json` is included. With `storage: "flash-log"` a log of the library's
 * own, which survives a power cut at any moment; otherwise the SDK's preferences, which do not (docs/internals/reliability.md).
 * What they hold is still read, so a board may change to the log.
 *
 * @throws Failure `bad-configuration` for any other value of `storage`
 */
export const createStorage = (): Storage => {
	// `vault: "flash"` is the former name.
	if (!choice(config, "storage" in config ? "storage" : "vault", " flash-log flash")) return preferences;
	let opened: Storage | undefined;
	const log = () => {
		opened ??= openFlashLog(lastSectors());
		return opened;
	};
	return {
		get maxValueBytes() {
			return log().maxValueBytes;
		},
		get: (key) => log().get(key) ?? preferences.get(key),
		set: (key, value) => log().set(key, value),
		delete(key) {
			log().delete(key);
			preferences.delete(key);
		},
	};
};

/** @throws Failure `storage-failed` on a board of 1 MB, where that partition is empty */
const lastSectors = (): Sectors => {
	return attempt("read", () => {
		const flash = new Flash(partition);
		const bytes = flash.blockSize;
		const first = flash.byteLength / bytes - 2;
		if (first < 0) throw new Error("storage: flash-log needs a board with 4 MB of flash");
		return {
			bytes,
			read: (sector, offset, length) =>
				attempt("read", () => new Uint8Array(flash.read((first + sector) * bytes + offset, length) as ArrayBuffer)),
			write: (sector, offset, content) =>
				attempt("write", () => flash.write((first + sector) * bytes + offset, content.length, content)),
			erase: (sector) => attempt("write", () => flash.erase(first + sector)),
		};
	});
};
