/**
 * Reads a CSV file as ESP-IDF's NVS Partition Generator Utility does (`nvs_partition_gen.py` of 5.2, which was also run
 * on such files by hand), and refuses what it refuses and what it silently does otherwise than one may expect.
 */

/** A namespace, and what is in it. */
export type Partition = ReadonlyMap<string, ReadonlyMap<string, string>>;

export function readNvsCsv(text: string): Partition {
	const [header, ...rows] = parseCsv(text);
	if (header?.join() !== "key,type,encoding,value") throw new Error(`the first line is ${header}`);
	const namespaces = new Map<string, Map<string, string>>();
	let current: Map<string, string> | undefined;
	for (const row of rows) {
		const [key = "", type, encoding, value = ""] = row;
		if (row.length !== 4) throw new Error(`${key}: ${row.length} columns`);
		if (key.length < 1 || key.length > 15) throw new Error(`${key}: ${key.length} characters`);
		if (type === "namespace") {
			if (encoding !== "" || value !== "") throw new Error(`${key}: a namespace has no value`);
			current = new Map();
			namespaces.set(key, current);
			continue;
		}
		if (type !== "data" || encoding !== "string") throw new Error(`${key}: ${type} ${encoding}`);
		if (current === undefined) throw new Error(`${key} stands before any namespace`);
		if (current.has(key)) throw new Error(`${key} stands there twice`);
		if (Buffer.byteLength(value) + 1 > 4000) throw new Error(`${key} is too long`);
		current.set(key, value);
	}
	return namespaces;
}

/** Rows of cells as Python's `csv` reads them, after lines that begin with `#` have been dropped. */
export function parseCsv(text: string): string[][] {
	if (!text.endsWith("\n") || text.includes("\r")) throw new Error("lines end otherwise");
	const lines = text.slice(0, -1).split("\n");
	if (lines.some((line) => line === "" || line.startsWith("#"))) throw new Error("a line would be dropped");
	return lines.map((line) => {
		const cells: string[] = [];
		for (let at = 0; at <= line.length; at++) {
			const quoted = /"((?:[^"]|"")*)"(?=,|$)/y;
			const plain = /[^",]*(?=,|$)/y;
			const pattern = line[at] === '"' ? quoted : plain;
			pattern.lastIndex = at;
			const [whole, inside = ""] = pattern.exec(line) ?? [];
			if (whole === undefined) throw new Error(`a quote stands in the wrong place, column ${at + 1}`);
			cells.push(pattern === quoted ? inside.replaceAll('""', '"') : whole);
			at += whole.length;
		}
		return cells;
	});
}
