import { readFileSync } from "node:fs";

/**
 * Bytes of bytecode in a compiled module (.xsb): its CODE atom. Names are not counted:
 * the linker keeps each once for the whole image.
 *
 * @throws Error unless it is such a file
 */
export function bytecodeSize(file: string): number {
	const bytes = readFileSync(file);
	if (bytes.toString("latin1", 4, 8) !== "XS_B") throw new Error(`not compiled by xsc: ${file}`);
	// Atoms within the first: length (with these eight bytes), type, contents.
	for (let position = 8; position < bytes.length; position += Math.max(bytes.readUInt32BE(position), 8))
		if (bytes.toString("latin1", position + 4, position + 8) === "CODE") return bytes.readUInt32BE(position) - 8;
	throw new Error(`there is no bytecode in ${file}`);
}
