/** Files of device names: those of `dynreg factory`, and others with a name in the first column. */

/** The first row of the platforms' templates. */
const headers = ["devicename", "device name", "name"];

/** @returns the names, in their order */
export function namesIn(text: string): string[] {
	const cells = text
		.replace(/^\uFEFF/, "")
		.split(/\r\n|\n|\r/)
		.map((line) => firstCell(line).trim());
	const [first = ""] = cells;
	const rows = headers.includes(first.toLowerCase()) ? cells.slice(1) : cells;
	return rows.filter((name) => name !== "" && !name.startsWith("#"));
}

function firstCell(line: string): string {
	const quoted = /^"((?:[^"]|"")*)"/.exec(line);
	return quoted ? (quoted[1] ?? "").replaceAll('""', '"') : (line.split(",")[0] ?? "");
}
