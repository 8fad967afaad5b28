/** Reads sheets of labels back: what is drawn on them becomes pixels, and a decoder that is not the encoder's reads those. */

import { inflateSync } from "node:zlib";
import jsqr from "jsqr";

/** A filled rectangle in millimetres, from the upper left corner. */
interface Box {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

/** One code with the text beside it. */
export interface LabelCode {
	readonly code: string | undefined;
	readonly text: readonly string[];
}

/** Pixels in a millimetre: 300 dots an inch, as an office printer has. */
const resolution = 300 / 25.4;
/** Millimetres around a code that are scanned with it. */
const margin = 1.5;

/** @throws Error when it is no sheet of ours */
export function readSvg(sheet: string): LabelCode[] {
	return [...sheet.matchAll(/<path transform="translate\((\S+) (\S+)\) scale\((\S+)\)" d="([^"]+)"\/>\n(.*)\n/g)].map(
		([, x, y, scale, path = "", words = ""]) => {
			const boxes = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)].map(([, column, row, length]) => ({
				x: Number(x) + Number(column) * Number(scale),
				y: Number(y) + Number(row) * Number(scale),
				width: Number(length) * Number(scale),
				height: Number(scale),
			}));
			return {
				code: decode(boxes),
				text: [...words.matchAll(/<text [^>]+>([^<]*)<\/text>/g)].map(([, text = ""]) => text),
			};
		},
	);
}

/**
 * The pages of a PDF file, found by its own table of objects.
 *
 * @throws Error when a table entry does not lead to its object, or a stream is not as long as it says
 */
export function readPdf(file: Buffer): LabelCode[][] {
	const latin = file.toString("latin1");
	const table = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(latin)?.[1]);
	const [, size, entries = ""] = /^xref\n0 (\d+)\n((?:\d{10} \d{5} [fn] \n)+)trailer\n/.exec(latin.slice(table)) ?? [];
	const offsets = [...entries.matchAll(/(\d{10}) \d{5} ([fn]) \n/g)];
	if (offsets.length !== Number(size)) throw new Error(`${offsets.length} entries, and the table says ${size}`);
	const object = (number: number) => {
		const offset = Number(offsets[number]?.[1]);
		if (!latin.startsWith(`${number} 0 obj\n`, offset)) throw new Error(`object ${number} is not at ${offset}`);
		return { offset, head: latin.slice(offset, latin.indexOf("\nendobj\n", offset)) };
	};
	const kids = /\/Kids\[([^\]]*)\]/.exec(object(2).head)?.[1]?.match(/\d+(?= 0 R)/g) ?? [];
	return kids.map((kid) => {
		const contents = Number(/\/Contents (\d+) 0 R/.exec(object(Number(kid)).head)?.[1]);
		const { offset, head } = object(contents);
		const length = Number(/\/Length (\d+)/.exec(head)?.[1]);
		const begin = latin.indexOf("stream\n", offset) + 7;
		if (!latin.startsWith("\nendstream\nendobj\n", begin + length))
			throw new Error(`stream ${contents} ends elsewhere`);
		return readPage(inflateSync(file.subarray(begin, begin + length)).toString("latin1"));
	});
}

const page = 297;
const point = 25.4 / 72;

function readPage(content: string): LabelCode[] {
	return [...content.matchAll(/q (\S+) 0 0 -\1 (\S+) (\S+) cm\n((?:\d+ \d+ \d+ 1 re\n)+)f Q\n((?:BT .* ET\n)*)/g)].map(
		([, scale, x, y, path = "", words = ""]) => {
			const module = Number(scale) * point;
			const boxes = [...path.matchAll(/(\d+) (\d+) (\d+) 1 re\n/g)].map(([, column, row, length]) => ({
				x: Number(x) * point + Number(column) * module,
				y: page - Number(y) * point + Number(row) * module,
				width: Number(length) * module,
				height: module,
			}));
			return { code: decode(boxes), text: [...words.matchAll(/\((.*)\) Tj/g)].map(([, text = ""]) => text) };
		},
	);
}

function decode(boxes: readonly Box[]): string | undefined {
	const left = Math.min(...boxes.map(({ x }) => x)) - margin;
	const top = Math.min(...boxes.map(({ y }) => y)) - margin;
	const width = Math.ceil((Math.max(...boxes.map(({ x, width }) => x + width)) + margin - left) * resolution);
	const height = Math.ceil((Math.max(...boxes.map(({ y, height }) => y + height)) + margin - top) * resolution);
	const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
	for (const box of boxes) {
		const [fromX, toX] = [box.x - left, box.x + box.width - left].map((each) => Math.round(each * resolution));
		const [fromY, toY] = [box.y - top, box.y + box.height - top].map((each) => Math.round(each * resolution));
		for (let y = fromY as number; y < (toY as number); y++)
			for (let x = fromX as number; x < (toX as number); x++)
				pixels.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
	}
	return jsqr.default(pixels, width, height)?.data;
}
