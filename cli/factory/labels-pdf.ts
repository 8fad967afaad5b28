import { deflateSync } from "node:zlib";
import { codeLayout, type Label, quietZone, sheetLayout, textLayout } from "./labels.js";

/** Points, PDF's unit, in a millimetre. */
const point = 72 / 25.4;

/**
 * Sheets of labels as one PDF file (ISO 32000-1, version 1.4): a page each, drawn and not painted, so that it is sharp
 * at any size; the text in a font that every viewer has. Without a date or a random identifier: the same labels give
 * the same file.
 */
export function* renderLabelsPdf(sheets: Iterable<readonly Label[]>, count: number): Generator<Uint8Array> {
	const offsets: number[] = [];
	let position = 0;
	const emit = (...parts: (string | Uint8Array)[]): Uint8Array => {
		const bytes = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
		position += bytes.length;
		return bytes;
	};
	const object = (...parts: (string | Uint8Array)[]): Uint8Array => {
		offsets.push(position);
		return emit(`${offsets.length} 0 obj\n`, ...parts, "\nendobj\n");
	};
	// Bytes above 127 mark the file as binary.
	yield emit("%PDF-1.4\n%", Uint8Array.of(0xe2, 0xe3, 0xcf, 0xd3), "\n");
	yield object("<</Type/Catalog/Pages 2 0 R>>");
	const pages = Array.from({ length: count }, (_, index) => `${4 + 2 * index} 0 R`).join(" ");
	const box = `[0 0 ${formatLength(sheetLayout.width * point)} ${formatLength(sheetLayout.height * point)}]`;
	yield object(`<</Type/Pages/Count ${count}/MediaBox${box}/Resources<</Font<</F 3 0 R>>>>/Kids[${pages}]>>`);
	yield object("<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>");
	for (const labels of sheets) {
		yield object(`<</Type/Page/Parent 2 0 R/Contents ${offsets.length + 2} 0 R>>`);
		const content = deflateSync(labels.map(drawLabel).join(""));
		yield object(`<</Length ${content.length}/Filter/FlateDecode>>\nstream\n`, content, "\nendstream");
	}
	const table = position;
	const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
	const size = offsets.length + 1;
	yield emit(`xref\n0 ${size}\n0000000000 65535 f \n${entries}`);
	yield emit(`trailer\n<</Size ${size}/Root 1 0 R>>\nstartxref\n${table}\n%%EOF\n`);
}

/** PDF counts from the lower edge upwards. */
function drawLabel({ x, y, modules, runs, lines }: Label): string {
	const module = (codeLayout.side / (modules + 2 * quietZone)) * point;
	const originX = (x + codeLayout.x) * point + quietZone * module;
	const originY = (sheetLayout.height - y - codeLayout.y) * point - quietZone * module;
	const matrix = `${formatLength(module)} 0 0 -${formatLength(module)} ${formatLength(originX)} ${formatLength(originY)}`;
	const boxes = runs.map(([column, row, length]) => `${column} ${row} ${length} 1 re\n`).join("");
	const words = lines.map((line, index) => {
		const place = `${formatLength((x + textLayout.x) * point)} ${formatLength((sheetLayout.height - y - textLayout.y - index * textLayout.leading) * point)}`;
		return `BT /F ${formatLength(textLayout.size * point)} Tf ${place} Td (${line.replace(/[\\()]/g, "\\$&")}) Tj ET\n`;
	});
	return `q ${matrix} cm\n${boxes}f Q\n${words.join("")}`;
}

function formatLength(length: number): string {
	return String(Math.round(length * 1000) / 1000);
}
