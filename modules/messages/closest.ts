/** A suggestion for what a person has probably meant. Desktop only: no image links this. */

/**
 * The candidate that a text is probably meant to be: at most two slips of the pen away, whatever the case and the
 * separators.
 *
 * @returns undefined if none is that close
 */
export function closest(text: string, candidates: readonly string[]): string | undefined {
	const plain = letters(text);
	let found: string | undefined;
	let slips = 3;
	for (const candidate of candidates) {
		const wanted = letters(candidate);
		if (Math.abs(wanted.length - plain.length) > 2) continue;
		const count = distance(plain, wanted);
		// With more slips, any short word would become any other.
		if (count >= slips || count > wanted.length / 2) continue;
		found = candidate;
		slips = count;
	}
	return found;
}

/** Without case and separators. */
export function letters(text: string): string {
	return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Levenshtein's. */
function distance(one: string, other: string): number {
	let row = Array.from({ length: other.length + 1 }, (_, index) => index);
	for (const [index, letter] of [...one].entries()) {
		const next = [index + 1];
		for (const [column, another] of [...other].entries())
			next.push(
				Math.min(
					(next[column] as number) + 1,
					(row[column + 1] as number) + 1,
					(row[column] as number) + (letter === another ? 0 : 1),
				),
			);
		row = next;
	}
	return row.at(-1) as number;
}
