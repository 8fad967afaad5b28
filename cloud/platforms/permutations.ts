/** All orders of the items; the given order comes first. */
export function permutations<Item>(items: readonly Item[]): Item[][] {
	if (items.length === 0) return [[]];
	return items.flatMap((item, index) =>
		permutations(items.toSpliced(index, 1)).map((remaining) => [item, ...remaining]),
	);
}
