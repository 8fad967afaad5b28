import { readFileSync } from "node:fs";

interface Recorded {
	/** Why it is remembered. */
	readonly what: string;
	/** One of them. */
	readonly text?: string;
	readonly hex?: string;
	/** `text` or `hex` this many times; then `end` as often. */
	readonly times?: number;
	readonly end?: string;
}

/** Cases that have been trouble once, here or elsewhere: `corpus/{name}.json`. */
export function recordedBytes(name: string): Uint8Array[] {
	const file = new URL(`../../../test/fuzz/corpus/${name}.json`, import.meta.url);
	const cases = JSON.parse(readFileSync(file, "utf8")) as readonly Recorded[];
	return cases.map(({ text = "", hex, times = 1, end = "" }) => {
		const once = hex === undefined ? Buffer.from(text) : Buffer.from(hex, "hex");
		return Buffer.concat([...Array.from({ length: times }, () => once), Buffer.from(end.repeat(times))]);
	});
}

export function recordedTexts(name: string): string[] {
	return recordedBytes(name).map((bytes) => Buffer.from(bytes).toString());
}
