import type { Host } from "dynreg/contracts/host";
import { crc32 } from "dynreg/core/bytes";

/**
 * Takes an identity's records out of flash. The vault never deletes; a test that begins with empty flash and leaves
 * nothing behind knows its keys (`docs/reference/flash-format.md`).
 */
export function wipe({ storage, crypto }: Host, identity: string): void {
	const prefix = crc32(crypto.utf8(identity)).toString(16).padStart(8, "0");
	for (const slot of ["a", "b"])
		for (let part = 0; storage.get(slot + prefix + part.toString(36)) !== undefined; part++)
			storage.delete(slot + prefix + part.toString(36));
}
