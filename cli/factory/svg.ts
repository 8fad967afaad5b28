import { code, type Label, quiet, sheet, text } from "./labels.js";

/** One sheet as an SVG file, in millimetres. */
export function svg(labels: readonly Label[]): string {
	const parts = labels.map(({ x, y, modules, runs, lines }) => {
		const module = code.side / (modules + 2 * quiet);
		const place = `translate(${short(x + code.x + quiet * module)} ${short(y + code.y + quiet * module)})`;
		const path = runs.map(([column, row, length]) => `M${column} ${row}h${length}v1h-${length}z`).join("");
		const words = lines.map(
			(line, index) =>
				`<text x="${short(x + text.x)}" y="${short(y + text.y + index * text.leading)}">${line.replaceAll("&", "&amp;")}</text>`,
		);
		return `<path transform="${place} scale(${short(module)})" d="${path}"/>\n${words.join("")}\n`;
	});
	const size = `width="${sheet.width}mm" height="${sheet.height}mm" viewBox="0 0 ${sheet.width} ${sheet.height}"`;
	return (
		`<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="monospace" font-size="${text.size}">\n` +
		`<rect width="${sheet.width}" height="${sheet.height}" fill="#fff"/>\n${parts.join("")}</svg>\n`
	);
}

/** Micrometres will do. */
function short(length: number): string {
	return String(Math.round(length * 1000) / 1000);
}
