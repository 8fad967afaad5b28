/** The phrases that documents, comments, messages and test titles must not use, and the usual word for each. */
const rules: readonly (readonly [phrase: RegExp, instead: string])[] = [
	[/\bmend(s|ed|ing)?\b/gi, "fix"],
	[/\bwhoever\b/gi, "the reader, user, client or attacker that is meant"],
	[/\b(is|are|was|were) due\b/gi, "expected"],
	[/\bwill not do\b/gi, "is invalid"],
	[/\b(strikes?|struck|striking)\b/gi, "applies, is triggered"],
	[/\btells\b/gi, "shows, reports, says"],
	[/\b(comes?|came) of\b/gi, "results from"],
	[/\b(has|have|had) it that\b/gi, "says"],
	[/\b(goes?|went|going) by\b/gi, "uses, depends on"],
	[/\blooked\b(?! up)/gi, "checked, sampled, read"],
	[/\bthe life of\b/gi, "the lifetime of, the lifecycle of"],
	[/\bsomebody\b/gi, "someone, or the role: user, client, attacker"],
];

export interface Finding {
	/** From 1. */
	readonly line: number;
	readonly phrase: string;
	readonly instead: string;
}

/**
 * The banned phrases in a document, in the order of its lines. Code, and the parts that `npm run docs` writes from
 * code, are left out.
 */
export function bannedInDocument(markdown: string): Finding[] {
	const blank = (text: string) => text.replace(/[^\n]/g, "");
	return bannedPhrases(
		markdown
			.replace(/<!-- (\S+):begin -->[\s\S]*?<!-- \1:end -->/g, blank)
			.replace(/^```[\s\S]*?^```/gm, blank)
			.replace(/`[^`\n]+`/g, blank),
	);
}

/** The banned phrases in a text, in the order of its lines. */
export function bannedPhrases(text: string): Finding[] {
	return text
		.split("\n")
		.flatMap((content, index) =>
			rules.flatMap(([phrase, instead]) =>
				Array.from(content.matchAll(phrase), ([found]) => ({ line: index + 1, phrase: found, instead })),
			),
		);
}
