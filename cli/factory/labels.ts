import encodeQR from "qr";

/** One run of dark modules: column, row, how many. The first are 0. */
export type ModuleRun = readonly [x: number, y: number, length: number];

export interface Label {
	/** Of its upper left corner on the sheet, in millimetres. */
	readonly x: number;
	readonly y: number;
	/** Modules on a side, without the quiet zone. */
	readonly modules: number;
	readonly runs: readonly ModuleRun[];
	readonly lines: readonly string[];
}

/** A4 with 65 labels of 38.1 × 21.2 mm, as they are sold for office printers (Avery L7651 and the like). Millimetres. */
export const sheetLayout = Object.freeze({ width: 210, height: 297, columns: 5, rows: 13 } as const);
const left = 4.65;
const top = 10.7;
const pitch = Object.freeze({ x: 40.64, y: 21.2 } as const);
export const labelsPerSheet = sheetLayout.columns * sheetLayout.rows;

/** Within a label, in millimetres: the code with its quiet zone, and the text beside it. */
export const codeLayout = Object.freeze({ x: 1, y: 1.6, side: 18 } as const);
export const textLayout = Object.freeze({ x: 19.5, y: 4.5, size: 1.9, leading: 2.4 } as const);
/** Modules that stay light around a code (ISO/IEC 18004). */
export const quietZone = 4;
/** Characters of this size beside a code. */
const charactersPerLine = 15;
const linesPerLabel = 7;

/** What a label says. */
export interface LabelText {
	/** The content of the QR code. */
	readonly code: string;
	/** Each on lines of its own. */
	readonly texts: readonly string[];
}

/** Whether these texts have room beside a code. */
export function fits(texts: readonly string[]): boolean {
	return texts.flatMap(wrapped).length <= linesPerLabel;
}

/** The board's name in its log, `cloud/product/name`, of which none contains `/`; without a secret. */
export function boardLabel(cloud: string, product: string, name: string): LabelText {
	return { code: `${cloud}/${product}/${name}`, texts: [name, product] };
}

/** The labels of one sheet, in rows from the upper left. @param from the first one's index */
export function sheetLabels(names: readonly string[], from: number, label: (name: string) => LabelText): Label[] {
	return names.slice(from, from + labelsPerSheet).map((name, index) => {
		const { code, texts } = label(name);
		// The encoder wants a border, which is not drawn.
		const matrix = encodeQR(code, "raw", { ecc: "medium", border: 1 });
		return {
			x: left + (index % sheetLayout.columns) * pitch.x,
			y: top + Math.floor(index / sheetLayout.columns) * pitch.y,
			modules: matrix.length - 2,
			runs: matrix.flatMap((row, y) => moduleRuns(row, y - 1)),
			lines: texts.flatMap(wrapped),
		};
	});
}

function moduleRuns(row: readonly boolean[], y: number): ModuleRun[] {
	const runs: ModuleRun[] = [];
	for (let x = 1; x < row.length; x++) {
		if (!row[x]) continue;
		const begin = x;
		while (row[x]) x++;
		runs.push([begin - 1, y, x - begin]);
	}
	return runs;
}

function wrapped(name: string): string[] {
	return name.match(new RegExp(`.{1,${charactersPerLine}}`, "g")) ?? [];
}
