import type { Artefact } from "./folder.js";
import { labels, labelsPerSheet } from "./labels.js";
import { pdf } from "./pdf.js";
import { svg } from "./svg.js";

export type LabelFormat = "pdf" | "svg" | "none";

/**
 * The sheets of labels of a batch.
 *
 * @param onProgress told how many labels are done, now and then
 */
export function labelFiles(
	names: readonly string[],
	cloud: string,
	product: string,
	format: LabelFormat,
	onProgress: (done: number) => void,
): Artefact[] {
	const count = Math.ceil(names.length / labelsPerSheet);
	const sheet = (index: number) => labels(names, index * labelsPerSheet, cloud, product);
	if (format === "none") return [];
	if (format === "pdf") {
		const sheets = function* () {
			for (let index = 0; index < count; index++) {
				if (index > 0 && index % 100 === 0) onProgress(index * labelsPerSheet);
				yield sheet(index);
			}
		};
		return [{ path: "labels.pdf", secret: false, chunks: () => pdf(sheets(), count) }];
	}
	const digits = String(count).length;
	return Array.from({ length: count }, (_, index) => ({
		path: `labels/sheet-${String(index + 1).padStart(digits, "0")}-of-${count}.svg`,
		secret: false,
		chunks: () => [svg(sheet(index))],
	}));
}
