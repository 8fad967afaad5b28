/** Deeper than anything that a device or an operator has to say. */
const maxDepth = 64;

/**
 * `JSON.parse` with a limit: Node parses a text that is nested thousands of levels deep, and then runs out of stack
 * when it serializes the value.
 *
 * @throws Error if it is not JSON, or nested more than 64 levels deep
 */
export function parseJson(text: string): unknown {
	let depth = 0;
	for (const [bracket] of text.replaceAll(/"(?:\\.|[^"\\])*"/gs, "").matchAll(/[[\]{}]/g)) {
		depth += bracket === "[" || bracket === "{" ? 1 : -1;
		if (depth > maxDepth) throw new Error("nested too deep");
	}
	return JSON.parse(text);
}
