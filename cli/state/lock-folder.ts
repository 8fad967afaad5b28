import { join } from "node:path";
import { tryLock } from "@dynreg/cloud/internal/server/lock";

/** The lock's file in the folder, and the beginning of the names of its temporary files. */
export const folderLock = ".lock";

/**
 * Keeps a folder for this process while it writes there.
 *
 * @returns the function that releases the folder
 * @throws Error with the id of the process that uses the folder
 */
export function lockFolder(folder: string): () => void {
	const path = join(folder, folderLock);
	const release = tryLock(path);
	if (typeof release === "function") return release;
	throw new Error(
		`Process ${release} is using the folder ${folder}. Wait for its end, or delete ${path} if that process is another program.`,
	);
}
