import type { Storage } from "dynreg/host";
import { File } from "file";
import config from "mc/config";

/**
 * One file for each key. A write may fail and need not be atomic: the vault reads back, compares, and keeps the previous
 * record until then. An EEPROM or a secure element needs the same three functions.
 */
export const files: Storage = Object.freeze({
	maxValueBytes: 4096,
	get(key) {
		if (!File.exists(path(key))) return undefined;
		const file = new File(path(key));
		const value = new Uint8Array(file.read(ArrayBuffer));
		file.close();
		return value;
	},
	set(key, value) {
		this.delete(key);
		const file = new File(path(key), true);
		file.write(value.slice().buffer);
		file.close();
	},
	delete(key) {
		if (File.exists(path(key))) File.delete(path(key));
	},
} satisfies Storage);

/** In the flash's file system on a board, in the board's folder in the simulator. */
function path(key: string): string {
	return `${config.file.root}dynreg-${key}`;
}
