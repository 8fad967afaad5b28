/** Deeper than anything that a device or an operator has to say. */
const DEEPEST = 64;

/**
 * Node reads a text that is nested thousands deep, and runs out of stack when it is to write it again.
 *
 * @throws Error when it is no JSON, or nested more than 64 deep
 */
export function parseJson(text: string): unknown {
	let depth = 0;
	for (const [bracket] of text.replaceAll(/"(?:\\.|[^"\\])*"/gs, "").matchAll(/[[\]{}]/g)) {
		depth += bracket === "[" || bracket === "{" ? 1 : -1;
		if (depth > DEEPEST) throw new Error("nested too deep");
	}
	return JSON.parse(text);
}
