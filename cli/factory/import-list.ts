import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { Artefact } from "./folder.js";

/** How a platform wants to be told of boards before they register. */
export interface ImportRules {
	/** The first row, where the console's own template is not given. */
	readonly header: string;
	/** Boards that it takes at a time. */
	readonly rows: number;
}

/**
 * Undefined for products that take any board.
 *
 * Alibaba: 10,000 names at a time (`BatchCheckDeviceNames`, vendor documentation); the console's template has a first row
 * that must stay, and names in the first column from the second row on ("Create multiple devices at a time"). Tencent:
 * 100 at a time (`CreateMultiDevice`, vendor's SDKs); for its console's upload no limit is published.
 */
export function importRules({ cloud, authType }: RawConfiguration): ImportRules | undefined {
	if (cloud !== "aliyun") return { header: "DeviceName", rows: 100 };
	return authType === "regnwl" ? undefined : { header: "DeviceName", rows: 10_000 };
}

/** Why there is nothing to import for a product without `ImportRules`. */
export const nothingToImport =
	"a registration-free product has none: its boards may have any name, and nothing is imported";

/** The first row of a template, and what to put behind a name to fill its other columns. */
export interface Template {
	readonly header: string;
	readonly filling: string;
	readonly lineEnd: string;
}

/**
 * The first row of a file that the console offers for download, to the letter.
 *
 * @throws Error when it is no CSV
 */
export function readTemplate(content: string, file: string): Template {
	const [header = "", end] = content.split(/(\r\n|\n)/, 2);
	// A spreadsheet is a ZIP file.
	if (header.trim() === "" || /\p{Cc}|\ufffd/u.test(header))
		throw new Error(`${file} is no CSV file: download the console's template as CSV, in UTF-8`);
	return { header, filling: ",".repeat(columns(header) - 1), lineEnd: end ?? "\n" };
}

export function plainTemplate(header: string): Template {
	return { header, filling: "", lineEnd: "\n" };
}

/** Files of device names, each with as many as the platform takes at a time. */
export function importLists(
	names: readonly string[],
	{ header, filling, lineEnd }: Template,
	rows: number,
): Artefact[] {
	const count = Math.ceil(names.length / rows);
	const digits = String(count).length;
	return Array.from({ length: count }, (_, index) => ({
		path: `import/devices-${String(index + 1).padStart(digits, "0")}-of-${count}.csv`,
		secret: false,
		*chunks() {
			yield `${header}${lineEnd}`;
			const part = names.slice(index * rows, (index + 1) * rows);
			yield part.map((name) => `${name}${filling}${lineEnd}`).join("");
		},
	}));
}

function columns(row: string): number {
	return row.replace(/"[^"]*"/g, "").split(",").length;
}
