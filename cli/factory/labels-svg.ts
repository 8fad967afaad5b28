import { codeLayout, type Label, quietZone, sheetLayout, textLayout } from "./labels.js";

/** One sheet as an SVG file, in millimetres. */
export function renderLabelsSvg(labels: readonly Label[]): string {
	const parts = labels.map(({ x, y, modules, runs, lines }) => {
		const module = codeLayout.side / (modules + 2 * quietZone);
		const place = `translate(${short(x + codeLayout.x + quietZone * module)} ${short(y + codeLayout.y + quietZone * module)})`;
		const path = runs.map(([column, row, length]) => `M${column} ${row}h${length}v1h-${length}z`).join("");
		const words = lines.map(
			(line, index) =>
				`<text x="${short(x + textLayout.x)}" y="${short(y + textLayout.y + index * textLayout.leading)}">${line.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</text>`,
		);
		return `<path transform="${place} scale(${short(module)})" d="${path}"/>\n${words.join("")}\n`;
	});
	const size = `width="${sheetLayout.width}mm" height="${sheetLayout.height}mm" viewBox="0 0 ${sheetLayout.width} ${sheetLayout.height}"`;
	return (
		`<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="monospace" font-size="${textLayout.size}">\n` +
		`<rect width="${sheetLayout.width}" height="${sheetLayout.height}" fill="#fff"/>\n${parts.join("")}</svg>\n`
	);
}

/** Micrometres will do. */
function short(length: number): string {
	return String(Math.round(length * 1000) / 1000);
}
