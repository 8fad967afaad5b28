import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and the folders above it. Unlike with `recursive` of `mkdirSync`, a path that the system does not allow,
 * such as one in /proc, is an error: Node would try it again forever.
 *
 * @param mode of folders that are made
 * @throws the system's error
 */
export function makeFolder(path: string, mode = 0o777): void {
	if (isFolder(path)) return;
	const parent = dirname(path);
	if (!existsSync(parent)) makeFolder(parent, mode);
	try {
		mkdirSync(path, mode);
	} catch (error) {
		// Another process may have made it.
		if (!isFolder(path)) throw error;
	}
}

function isFolder(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
