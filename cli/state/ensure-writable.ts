import { closeSync, existsSync, openSync, rmSync } from "node:fs";

/**
 * Checks that a file can be written, before minutes of work and not after them.
 *
 * @throws the system's error
 */
export function ensureWritable(file: string): void {
	const isNew = !existsSync(file);
	closeSync(openSync(file, "a"));
	if (isNew) rmSync(file);
}
