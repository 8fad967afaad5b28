/** The blocks of a document that a reader is told to type, in the order in which they stand there. */

export interface CodeBlock {
	/** `sh`, `json`. */
	readonly language: string;
	readonly text: string;
	/** Of its first line in the document, for people. */
	readonly line: number;
	/** What an HTML comment right before it says: `<!-- needs a board -->`. */
	readonly marker: string | undefined;
}

/** Everything below one heading, up to the next. */
export interface Section {
	readonly heading: string;
	readonly blocks: readonly CodeBlock[];
}

export function sections(markdown: string): Section[] {
	const found: { heading: string; blocks: CodeBlock[] }[] = [{ heading: "", blocks: [] }];
	let open: { language: string; line: number; lines: string[]; marker: string | undefined } | undefined;
	let marker: string | undefined;
	for (const [index, line] of markdown.split("\n").entries()) {
		const fence = /^```(\w*)/.exec(line);
		if (open) {
			if (!fence) open.lines.push(line);
			else {
				const { language, lines, line: first } = open;
				found.at(-1)?.blocks.push({ language, text: lines.join("\n"), line: first, marker: open.marker });
				open = undefined;
			}
		} else if (fence) {
			open = { language: fence[1] ?? "", line: index + 2, lines: [], marker };
			marker = undefined;
		} else if (line.startsWith("#")) found.push({ heading: line.replace(/^#+ /, ""), blocks: [] });
		else if (line.trim() !== "") marker = /^<!-- (.+) -->$/.exec(line)?.[1];
	}
	return found.filter(({ blocks }) => blocks.length > 0);
}

/**
 * The commands of a `sh` block: comments are left out; a line that ends in a backslash, or within quotes, goes on in
 * the next, and a here-document up to its end.
 */
export function commands({ text }: CodeBlock): string[] {
	const found: string[] = [];
	let open = "";
	for (const line of text.replaceAll(/\\\n\s*/g, "").split("\n")) {
		if (open === "" && /^\s*(#|$)/.test(line)) continue;
		open += open === "" ? line : `\n${line}`;
		if (goesOn(open)) continue;
		found.push(
			...(open.includes("\n")
				? [open]
				: open
						.replace(/\s+#\s.*$/, "")
						.trim()
						.split(" && ")),
		);
		open = "";
	}
	return open === "" ? found : [...found, open];
}

function goesOn(command: string): boolean {
	const [, end] = /<<'?(\w+)'?/.exec(command) ?? [];
	if (end !== undefined) return !command.endsWith(`\n${end}`);
	return (command.match(/'/g)?.length ?? 0) % 2 === 1;
}
