/** `"a", "b" or "c"`, for sentences about what a value may be. */
export function orList(values: readonly string[]): string {
	const quoted = values.map((value) => `"${value}"`);
	return [quoted.slice(0, -1).join(", "), quoted.at(-1)].filter(Boolean).join(" or ");
}
