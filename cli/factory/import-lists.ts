import { cloudProfiles } from "dynreg/clouds/profiles";
import { cloudNamed, defaultCloud } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { DeviceImport } from "dynreg/contracts/cloud-profile";
import type { OutputFile } from "./batch-folder.js";
import { CsvError, type CsvPlace, type CsvRow, parseCsv } from "./csv.js";

/** How the console of this product's cloud takes device names. */
export function deviceImport({ cloud }: RawConfiguration): DeviceImport {
	return cloudProfiles[cloudNamed(cloud) ?? defaultCloud].deviceImport;
}

/** Each cloud's limit, for people. */
export const importLimits = Object.values(cloudProfiles)
	.map(({ title, deviceImport: { rows } }) => `${rows} for ${title}`)
	.join(", ");

/** The first row of a template, and what to put behind a name to fill its other columns. */
export interface ImportTemplate {
	readonly header: string;
	readonly emptyColumns: string;
	readonly lineEnd: string;
}

/**
 * The first row of a file that the console offers for download, to the letter.
 *
 * @param content may begin with a byte order mark, which is kept
 * @throws Error with line and column, unless it is CSV with commas and a row of column names
 */
export function readTemplate(content: string, file: string): ImportTemplate {
	const mark = content.startsWith("\uFEFF") ? "\uFEFF" : "";
	try {
		const [first, ...others] = parseCsv(content.slice(mark.length));
		if (first === undefined || first.cells.every(({ text }) => text.trim() === ""))
			throw new CsvError({ line: 1, column: 1 }, "the column names are missing");
		checkColumnNames(first);
		const columns = first.cells.length;
		for (const { cells } of others)
			if (cells.length !== columns && cells.some(({ text }) => text !== ""))
				throw new CsvError(
					cells[columns] ?? (cells[0] as CsvPlace),
					`the row has ${cells.length === 1 ? "1 column" : `${cells.length} columns`}, but the first row has ${columns}`,
				);
		return {
			header: mark + first.text,
			emptyColumns: ",".repeat(columns - 1),
			lineEnd: first.lineEnd === "" ? "\n" : first.lineEnd,
		};
	} catch (error) {
		if (!(error instanceof CsvError)) throw error;
		throw new Error(`${file} is not a usable template: ${error.message}. ${templateAdvice}`);
	}
}

/** What to do about a template that cannot be used. */
export const templateAdvice = "Download the console's template as CSV in UTF-8, and keep only its first row.";

/** @throws CsvError */
function checkColumnNames({ cells }: CsvRow): void {
	const [first] = cells;
	if (first && first.line > 1) throw new CsvError({ line: 1, column: 1 }, "the row of column names is empty");
	for (const { text, line, column, isQuoted } of cells) {
		const at = (index: number) => ({ line, column: column + index + (isQuoted ? 1 : 0) });
		const delimiter = cells.length === 1 && !isQuoted ? text.search(/[;|\t]/) : -1;
		if (delimiter >= 0)
			throw new CsvError(at(delimiter), `columns are separated by ${JSON.stringify(text[delimiter])}, not by commas`);
		const unusual = text.search(/[\p{Cc}\ufffd]/u);
		if (unusual >= 0) throw new CsvError(at(unusual), "a column name has a character that cannot be printed");
		if (text.trimStart().startsWith("<")) throw new CsvError(at(0), "the file is a web page");
		if (startsFormula(text))
			throw new CsvError(at(0), `a column name begins with ${text.trimStart()[0]}, like a formula`);
	}
}

/** Whether a spreadsheet calculates with it instead of showing it (OWASP, "CSV Injection"). */
export function startsFormula(text: string): boolean {
	return /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text);
}

export function plainTemplate(header: string): ImportTemplate {
	return { header, emptyColumns: "", lineEnd: "\n" };
}

/** Files of device names, each with as many as the platform takes at a time. */
export function importLists(
	names: readonly string[],
	{ header, emptyColumns, lineEnd }: ImportTemplate,
	rows: number,
): OutputFile[] {
	const count = Math.ceil(names.length / rows);
	const digits = String(count).length;
	return Array.from({ length: count }, (_, index) => ({
		path: `import/devices-${String(index + 1).padStart(digits, "0")}-of-${count}.csv`,
		secret: false,
		*chunks() {
			yield `${header}${lineEnd}`;
			const part = names.slice(index * rows, (index + 1) * rows);
			yield part.map((name) => `${name}${emptyColumns}${lineEnd}`).join("");
		},
	}));
}
