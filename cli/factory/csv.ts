/** CSV as RFC 4180 has it. */

/** A place in a text, both from 1. */
export interface CsvPlace {
	readonly line: number;
	readonly column: number;
}

export interface CsvCell extends CsvPlace {
	/** Without its quotes. */
	readonly text: string;
	readonly isQuoted: boolean;
}

export interface CsvRow {
	readonly cells: readonly CsvCell[];
	/** As it stands in the text, without the line's end. */
	readonly text: string;
	/** Empty for a last line that has none. */
	readonly lineEnd: string;
}

/** Text that is no CSV, with the place of the mistake. */
export class CsvError extends Error {
	/** @param problem without a full stop */
	constructor({ line, column }: CsvPlace, problem: string) {
		super(`line ${line}, column ${column}: ${problem}`);
	}
}

const quoted = /"([^"]*(?:""[^"]*)*)"/y;
const plain = /[^",\r\n]*/y;
const end = /,|\r\n|\r|\n|$/y;

/**
 * Rows of cells; empty lines are left out. A cell has no line break: the lists of a factory have one device a line.
 *
 * @throws CsvError
 */
export function parseCsv(text: string): CsvRow[] {
	const rows: CsvRow[] = [];
	let line = 1;
	let lineStart = 0;
	let cells: CsvCell[] = [];
	for (let at = 0; at < text.length || cells.length > 0; ) {
		const place = { line, column: at - lineStart + 1 };
		const isQuoted = text[at] === '"';
		const [cell = "", inside = cell] = match(isQuoted ? quoted : plain, text, at);
		if (isQuoted && cell === "") throw new CsvError(place, "a quote is not closed");
		const broken = cell.search(/[\r\n]/);
		if (broken >= 0) throw new CsvError({ line, column: place.column + broken }, "a quoted cell has a line break");
		at += cell.length;
		cells.push({ ...place, text: inside.replaceAll('""', '"'), isQuoted });
		const [separator] = match(end, text, at);
		if (separator === undefined)
			throw new CsvError(
				{ line, column: at - lineStart + 1 },
				isQuoted ? "a cell goes on after its closing quote" : "a quote is inside a cell without quotes",
			);
		at += separator.length;
		if (separator === ",") continue;
		const row = text.slice(lineStart, at - separator.length);
		if (row !== "") rows.push({ cells, text: row, lineEnd: separator });
		cells = [];
		line++;
		lineStart = at;
	}
	return rows;
}

/** @returns the match and its group; none where the pattern does not fit */
function match(pattern: RegExp, text: string, at: number): readonly (string | undefined)[] {
	pattern.lastIndex = at;
	return pattern.exec(text) ?? [];
}
