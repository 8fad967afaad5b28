import type { Anchor, Drawing, Point } from "./drawing.js";
import { dot, glyph } from "./font.js";
import { png } from "./png.js";

/** Pixels a dot of the font. */
const dotSize = 2;

/** A drawing as pixels. Lines are smooth: each pixel gets as much of the colour as the line covers of it. */
export class Picture implements Drawing {
	readonly #width: number;
	readonly #height: number;
	/** Red, green, blue. */
	readonly #pixels: Uint8Array;

	constructor(width: number, height: number) {
		this.#width = width;
		this.#height = height;
		this.#pixels = new Uint8Array(width * height * 3).fill(0xff);
	}

	line(points: readonly Point[], colour: string, width: number): void {
		for (const [index, to] of points.entries()) {
			const from = points[index - 1];
			if (from !== undefined) this.#segment(from, to, colour, width / 2);
		}
	}

	text(x: number, y: number, text: string, colour: string, anchor: Anchor): void {
		const length = (text.length * glyph.pitch - 1) * dotSize;
		const left = Math.round(anchor === "start" ? x : anchor === "end" ? x - length : x - length / 2);
		const top = Math.round(y) - glyph.height * dotSize;
		for (const [index, character] of [...text].entries())
			for (let column = 0; column < glyph.width * dotSize; column++)
				for (let row = 0; row < glyph.height * dotSize; row++)
					if (dot(character, Math.floor(column / dotSize), Math.floor(row / dotSize)))
						this.#blend(left + index * glyph.pitch * dotSize + column, top + row, colour, 1);
	}

	encode(): Uint8Array {
		return png(this.#width, this.#height, this.#pixels);
	}

	#segment([x1, y1]: Point, [x2, y2]: Point, colour: string, radius: number): void {
		const [dx, dy] = [x2 - x1, y2 - y1];
		const square = dx * dx + dy * dy;
		const reach = radius + 1;
		for (let y = Math.floor(Math.min(y1, y2) - reach); y <= Math.max(y1, y2) + reach; y++)
			for (let x = Math.floor(Math.min(x1, x2) - reach); x <= Math.max(x1, x2) + reach; x++) {
				const [px, py] = [x + 0.5 - x1, y + 0.5 - y1];
				const along = square === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / square));
				const distance = Math.hypot(px - along * dx, py - along * dy);
				this.#blend(x, y, colour, Math.max(0, Math.min(1, radius + 0.5 - distance)));
			}
	}

	/** @param share of the colour, 0 to 1 */
	#blend(x: number, y: number, colour: string, share: number): void {
		if (share === 0 || x < 0 || y < 0 || x >= this.#width || y >= this.#height) return;
		const start = (y * this.#width + x) * 3;
		for (let channel = 0; channel < 3; channel++) {
			const wanted = Number.parseInt(colour.slice(1 + 2 * channel, 3 + 2 * channel), 16);
			const there = this.#pixels[start + channel] ?? 0;
			this.#pixels[start + channel] = Math.round(there + share * (wanted - there));
		}
	}
}
