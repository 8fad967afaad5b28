/**
 * The simulator's `preference` keeps all it holds in memory too, and so cannot be preloaded, nor can what imports it.
 * A chip's reads its flash each time, and this one its files: one a key.
 */

import { File } from "file";

export default Object.freeze({
	get(domain: string, key: string): ArrayBuffer | undefined {
		const path = pathOf(domain, key);
		if (!File.exists(path)) return undefined;
		const file = new File(path);
		const value = file.read(ArrayBuffer);
		file.close();
		return value;
	},
	set(domain: string, key: string, value: ArrayBuffer): void {
		const path = pathOf(domain, key);
		File.delete(path);
		const file = new File(path, true);
		file.write(value);
		file.close();
	},
	delete(domain: string, key: string): void {
		File.delete(pathOf(domain, key));
	},
});

function pathOf(domain: string, key: string): string {
	return `${domain}.${key}`;
}
