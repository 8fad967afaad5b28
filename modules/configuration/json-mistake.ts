/**
 * Finds what is wrong with a JSON text. Node's own message quotes the text, which may hold secrets, and has no line.
 *
 * Desktop only: no image links this.
 */

/** A place in a text, both from 1. */
export interface TextPlace {
	readonly line: number;
	readonly column: number;
}

export interface JsonMistake extends TextPlace {
	/** "is not JSON from line 2, column 3 on": completes a sentence about the text. */
	readonly problem: string;
	/** What to do, a sentence. */
	readonly advice: string;
}

/** Deeper than any file that a person writes. */
const maxDepth = 64;

/** What may come next. */
type Expected = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end" | "nothing";

/** An open bracket, and the keys that an object has so far. */
interface Bracket {
	readonly closing: "}" | "]";
	readonly keys: Set<string>;
}

/**
 * @returns the first mistake: no JSON, the same key twice in an object, a key `__proto__`, or more than 64 levels;
 *   undefined if there is none
 */
export function findJsonMistake(text: string): JsonMistake | undefined {
	const open: Bracket[] = [];
	let expected: Expected = "value";
	let start = skipBlanks(text, 0);
	while (start < text.length) {
		const token = tokenAt(text, start);
		const next = nextExpected(token, expected, open);
		if (next === undefined) return notJson(text, start, syntaxAdvice(text, start, token, expected));
		if (expected.startsWith("key") && token.startsWith('"')) {
			const { keys } = open.at(-1) as Bracket;
			const key = JSON.parse(token) as string;
			// As a key it changes an object's prototype in code that copies values one by one.
			if (key === "__proto__")
				return mistake(text, start, "has the key __proto__, which has a meaning in JavaScript, at", "Remove the key.");
			if (keys.has(key)) return mistake(text, start, "has the same key twice, at", "Remove one of them.");
			keys.add(key);
		}
		if (open.length > maxDepth)
			return mistake(text, start, `is nested more than ${maxDepth} levels deep at`, "Remove the inner brackets.");
		expected = next;
		start = skipBlanks(text, start + token.length);
	}
	if (expected === "nothing") return undefined;
	return notJson(
		text,
		start,
		open.length === 0 ? "The file is empty." : `The closing ${open.at(-1)?.closing} is missing.`,
	);
}

/** @param position in UTF-16 code units */
export function placeAt(text: string, position: number): TextPlace {
	const before = text.slice(0, position).split("\n");
	return { line: before.length, column: (before.at(-1) as string).length + 1 };
}

function notJson(text: string, position: number, advice: string): JsonMistake {
	const { problem, ...rest } = mistake(text, position, "is not JSON from", advice);
	return { ...rest, problem: `${problem} on` };
}

function mistake(text: string, position: number, what: string, advice: string): JsonMistake {
	const { line, column } = placeAt(text, position);
	return { line, column, problem: `${what} line ${line}, column ${column}`, advice };
}

/** What to do about a token that may not be here. */
function syntaxAdvice(text: string, start: number, token: string, expected: Expected): string {
	const character = text[start] as string;
	if (character === "/" || character === "#") return "JSON has no comments: remove the comment.";
	if (character === '"' && token === "")
		return "The text that begins there is not closed in its line, or has a wrong \\.";
	if (character === "'" || character === "\u201c" || character === "\u201d") return 'Use double quotes: ".';
	if (isClosing(token) && (expected === "key" || expected === "value")) return `Remove the comma before the ${token}.`;
	if (expected.startsWith("key")) return "Put the key between double quotes.";
	if (expected === "colon") return "Put a colon between the key and its value.";
	if (expected === "nothing") return "Remove what follows the value.";
	if (expected === "comma or end" && token !== "" && !isClosing(token)) return "Put a comma before it.";
	if (expected.startsWith("value") && token === "") return "Put a text between double quotes.";
	return "Correct the syntax.";
}

/** @returns what may come after this token; undefined if it may not be here. @param open changed */
function nextExpected(token: string, expected: Expected, open: Bracket[]): Expected | undefined {
	if (isClosing(token)) {
		if (!expected.endsWith("or end") || open.at(-1)?.closing !== token) return undefined;
		open.pop();
		return afterValue(open);
	}
	if (expected.startsWith("key")) return token.startsWith('"') ? "colon" : undefined;
	if (expected === "colon") return token === ":" ? "value" : undefined;
	if (expected === "comma or end") return token !== "," ? undefined : open.at(-1)?.closing === "}" ? "key" : "value";
	if (!expected.startsWith("value") || token === "" || token === "," || token === ":") return undefined;
	if (token !== "{" && token !== "[") return afterValue(open);
	open.push({ closing: token === "{" ? "}" : "]", keys: new Set() });
	return token === "{" ? "key or end" : "value or end";
}

function isClosing(token: string): boolean {
	return token === "}" || token === "]";
}

function afterValue(open: readonly Bracket[]): Expected {
	return open.length === 0 ? "nothing" : "comma or end";
}

function skipBlanks(text: string, position: number): number {
	let end = position;
	while (end < text.length && " \t\n\r".includes(text[end] as string)) end++;
	return end;
}

/** @returns the empty text if none begins here */
function tokenAt(text: string, start: number): string {
	if (text[start] === '"') return text.slice(start, endOfString(text, start));
	const other = /[[\]{},:]|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])/y;
	other.lastIndex = start;
	return other.exec(text)?.[0] ?? "";
}

/** Behind the closing quote; the start itself if there is none. */
function endOfString(text: string, start: number): number {
	for (let at = start + 1; at < text.length; at++) {
		const character = text[at] as string;
		if (character === '"') return at + 1;
		if (character < " ") return start;
		if (character !== "\\") continue;
		const [sequence] = /^(?:["\\/bfnrt]|u[\da-fA-F]{4})/.exec(text.slice(at + 1, at + 6)) ?? [];
		if (sequence === undefined) return start;
		at += sequence.length;
	}
	return start;
}
