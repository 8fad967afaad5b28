import { join } from "node:path";
import { tryLock } from "@dynreg/cloud/internal/server/lock";
import { linkTarget } from "@dynreg/node/internal/private-file";
import { createStorage, notWritten } from "@dynreg/node/internal/storage";
import { makeFlashFolder } from "./simulated-flash.js";

/**
 * Keeps a board's flash for this process while it is used: of two boards with the same flash, one would lose its
 * credential.
 *
 * @param store the file of the flash, or with `isFolder` the simulator's folder; without one there is nothing to keep
 * @throws Failure `storage-failed` if it cannot be written; Error with the id of the process that uses it
 */
export async function withLockedFlash<T>(
	store: string | undefined,
	isFolder: boolean,
	use: () => Promise<T>,
): Promise<T> {
	if (store === undefined) return use();
	if (isFolder) makeFlashFolder(store);
	const release = takeLock(store, isFolder);
	try {
		return await use();
	} finally {
		release();
	}
}

function takeLock(store: string, isFolder: boolean): () => void {
	let release: (() => void) | number;
	try {
		release = tryLock(isFolder ? join(store, ".lock") : `${linkTarget(store)}.lock`);
	} catch (cause) {
		// Where its folder is missing, the flash itself says so.
		if (!isFolder) createStorage(store);
		throw notWritten(store, cause);
	}
	if (typeof release === "function") return release;
	throw new Error(
		`Process ${release} is using the flash ${store}. End that process, or name another flash with --store.`,
	);
}
