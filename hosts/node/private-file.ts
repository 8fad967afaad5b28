import { closeSync, fsyncSync, openSync, readlinkSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** As many links as Linux follows. */
const maxLinks = 40;

/**
 * Replaces a file that holds a secret. Only its owner may read it, whatever the mode of the file before. An interruption
 * leaves the old or the new file. A symbolic link stays, and the file that it leads to is replaced.
 *
 * @throws the system's error; the old file is unchanged then
 */
export function replacePrivateFile(file: string, content: string): void {
	const target = linkTarget(file);
	const temporary = `${target}.new`;
	// A new file: its mode would otherwise be that of what is there, and a link would be followed.
	rmSync(temporary, { force: true });
	try {
		const handle = openSync(temporary, "wx", 0o600);
		try {
			writeFileSync(handle, content);
			fsyncSync(handle);
		} finally {
			closeSync(handle);
		}
		renameSync(temporary, target);
	} catch (error) {
		remove(temporary);
		throw error;
	}
}

/** The folder may be gone, or read-only by now: another error says so. */
function remove(file: string): void {
	try {
		rmSync(file, { force: true });
	} catch {
		// See above.
	}
}

/** The file at the end of the links need not exist. */
export function linkTarget(file: string): string {
	let target = file;
	for (let links = 0; links < maxLinks; links++) {
		let next: string;
		try {
			next = readlinkSync(target);
		} catch {
			return target;
		}
		// Relative links begin at the folder that the link is really in.
		target = resolve(realpathSync(dirname(target)), next);
	}
	return target;
}
