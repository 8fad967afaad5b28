import type { OutputFile } from "./batch-folder.js";
import { labelsPerSheet, sheetLabels } from "./labels.js";
import { renderLabelsPdf } from "./labels-pdf.js";
import { renderLabelsSvg } from "./labels-svg.js";

export type LabelFormat = "pdf" | "svg" | "none";

/**
 * The sheets of labels of a batch.
 *
 * @param onProgress called now and then with the number of finished labels
 */
export function labelFiles(
	names: readonly string[],
	cloud: string,
	product: string,
	format: LabelFormat,
	onProgress: (done: number) => void,
): OutputFile[] {
	const count = Math.ceil(names.length / labelsPerSheet);
	const sheet = (index: number) => sheetLabels(names, index * labelsPerSheet, cloud, product);
	if (format === "none") return [];
	if (format === "pdf") {
		const sheets = function* () {
			for (let index = 0; index < count; index++) {
				if (index > 0 && index % 100 === 0) onProgress(index * labelsPerSheet);
				yield sheet(index);
			}
		};
		return [{ path: "labels.pdf", secret: false, chunks: () => renderLabelsPdf(sheets(), count) }];
	}
	const digits = String(count).length;
	return Array.from({ length: count }, (_, index) => ({
		path: `labels/sheet-${String(index + 1).padStart(digits, "0")}-of-${count}.svg`,
		secret: false,
		chunks: () => [renderLabelsSvg(sheet(index))],
	}));
}
