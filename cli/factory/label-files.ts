import type { OutputFile } from "./batch-folder.js";
import { type LabelText, labelsPerSheet, sheetLabels } from "./labels.js";
import { renderLabelsPdf } from "./labels-pdf.js";
import { renderLabelsSvg } from "./labels-svg.js";

export type LabelFormat = "pdf" | "svg" | "none";

/**
 * The sheets of labels of a batch.
 *
 * @param path without its extension, or of the folder of the sheets
 * @param onProgress called now and then with the number of finished labels
 */
export function labelFiles(
	names: readonly string[],
	label: (name: string) => LabelText,
	{ path, secret }: Pick<OutputFile, "path" | "secret">,
	format: LabelFormat,
	onProgress: (done: number) => void,
): OutputFile[] {
	const count = Math.ceil(names.length / labelsPerSheet);
	const sheet = (index: number) => sheetLabels(names, index * labelsPerSheet, label);
	if (format === "none") return [];
	if (format === "pdf") {
		const sheets = function* () {
			for (let index = 0; index < count; index++) {
				if (index > 0 && index % 100 === 0) onProgress(index * labelsPerSheet);
				yield sheet(index);
			}
		};
		return [{ path: `${path}.pdf`, secret, chunks: () => renderLabelsPdf(sheets(), count) }];
	}
	const digits = String(count).length;
	return Array.from({ length: count }, (_, index) => ({
		path: `${path}/sheet-${String(index + 1).padStart(digits, "0")}-of-${count}.svg`,
		secret,
		chunks: () => [renderLabelsSvg(sheet(index))],
	}));
}
