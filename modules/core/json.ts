/**
 * Parses JSON from an untrusted source.
 *
 * @throws Error if the text is not JSON, or nested more than 16 deep
 */
export const parseJson = (text: string): unknown => {
	let depth = 0;
	let quoted = false;
	let escaped = false;
	// Iterate, since XS counts each index of a string from its start.
	for (const character of text) {
		if (escaped) escaped = false;
		else if (quoted && character === "\\") escaped = true;
		else if (character === '"') quoted = !quoted;
		else if (quoted) continue;
		else if (character === "{" || character === "[") depth++;
		else if (character === "}" || character === "]") depth--;
		// The engine's parser recurses and would overflow a board's stack. No platform or application nests this deep.
		if (depth > 16) throw new Error("nested too deep");
	}
	return JSON.parse(text);
};
