/**
 * The value that this JSON text stands for.
 *
 * @throws Error when it is no JSON, or nested more than 16 deep
 */
export const parseJson = (text: string): unknown => {
	let depth = 0;
	let quoted = false;
	let escaped = false;
	// A string is walked, not indexed: an index is counted from its start each time.
	for (const character of text) {
		if (escaped) escaped = false;
		else if (quoted && character === "\\") escaped = true;
		else if (character === '"') quoted = !quoted;
		else if (quoted) continue;
		else if (character === "{" || character === "[") depth++;
		else if (character === "}" || character === "]") depth--;
		// Deeper than anything that a platform or an application sends. The engine's own parser recurses, and a board's stack
		// ends it.
		if (depth > 16) throw new Error("nested too deep");
	}
	return JSON.parse(text);
};
