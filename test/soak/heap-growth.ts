import type { Heap } from "./reconnects.js";

/** Reconnections after which nothing is made for the first time any more. */
const settled = 3;

/**
 * By how much the heap grows with each reconnection, once everything has been made for the first time: the median.
 * A board that is slow may take two tries to be back, and the second costs its own.
 */
export function heapGrowth(heaps: readonly Heap[]): Heap {
	if (heaps.length < settled + 2) throw new Error(`${heaps.length} looks at the heap are too few`);
	const after = heaps.slice(settled);
	return Object.fromEntries(
		Object.keys(after[0] ?? {}).map((what) => {
			const steps = after.slice(1).map((heap, index) => (heap[what] ?? 0) - (after[index]?.[what] ?? 0));
			return [what, steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0];
		}),
	);
}

/** Sessions in a row that each need more than the one before; a board that registers or fails needs more now and then. */
const tolerated = 3;

/**
 * @param heaps slots in each session, a list for each life of the board
 * @returns how many sessions too many have needed more than the one before
 */
export function heapGrowthOfDay(heaps: readonly (readonly number[])[]): number {
	let longest = 0;
	for (const life of heaps) {
		let row = 0;
		for (const [index, slots] of life.entries()) {
			row = slots > (life[index - 1] ?? slots) ? row + 1 : 0;
			longest = Math.max(longest, row);
		}
	}
	return Math.max(0, longest - tolerated);
}
