export type Point = readonly [x: number, y: number];
export type TextAnchor = "start" | "middle" | "end";

/** A chart as SVG text. Lengths are pixels, from the top left; a colour is "#rrggbb". */
export class SvgChart {
	readonly #parts: string[] = [];
	readonly #width: number;
	readonly #height: number;
	readonly #title: string;

	/** @param title for those who cannot see it */
	constructor(width: number, height: number, title: string) {
		this.#width = width;
		this.#height = height;
		this.#title = title;
	}

	line(points: readonly Point[], colour: string, width: number): void {
		const path = points.map(([x, y]) => `${round(x)},${round(y)}`).join(" ");
		this.#parts.push(`<polyline points="${path}" stroke="${colour}" stroke-width="${width}"/>`);
	}

	/** @param y of the baseline */
	text(x: number, y: number, text: string, colour: string, anchor: TextAnchor): void {
		this.#parts.push(
			`<text x="${round(x)}" y="${round(y)}" fill="${colour}" stroke="none" text-anchor="${anchor}">${escaped(text)}</text>`,
		);
	}

	toString(): string {
		const size = `width="${this.#width}" height="${this.#height}" viewBox="0 0 ${this.#width} ${this.#height}"`;
		return [
			`<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="monospace" font-size="14" fill="none" stroke-linejoin="round">`,
			`<title>${escaped(this.#title)}</title>`,
			`<rect width="${this.#width}" height="${this.#height}" fill="#ffffff"/>`,
			...this.#parts,
			"</svg>\n",
		].join("\n");
	}
}

function escaped(text: string): string {
	return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

function round(length: number): number {
	return Math.round(length * 10) / 10;
}
