/** Texts that are signed, character by character. */

export interface VisibleCharacter {
	readonly text: string;
	/** It cannot be seen by itself. */
	readonly isControl: boolean;
	/** A new line begins after it. */
	readonly breaks: boolean;
}

const names: Readonly<Record<string, string>> = { "\n": "↵", "\r": "␍", "\t": "⇥", " ": "␣", "\0": "␀" };

export function visibleCharacters(text: string): VisibleCharacter[] {
	return [...text].map((character) => {
		const code = character.codePointAt(0) ?? 0;
		const name =
			names[character] ?? (code < 0x20 || (code > 0x7e && code < 0xa0) ? `\\x${code.toString(16)}` : undefined);
		return { text: name ?? character, isControl: name !== undefined, breaks: character === "\n" };
	});
}

export interface Difference {
	/** Of the first character that differs, from 0. */
	readonly index: number;
	readonly sentence: string;
}

/** @returns undefined if both are the same */
export function firstDifference(expected: string, given: string): Difference | undefined {
	if (expected === given) return undefined;
	const wanted = [...expected];
	const actual = [...given];
	const index = wanted.findIndex((character, place) => character !== actual[place]);
	if (index < 0)
		return {
			index: wanted.length,
			sentence: `The text of the board goes on after character ${wanted.length}: ${quoted(actual[wanted.length])}.`,
		};
	if (actual[index] === undefined)
		return { index, sentence: `The text of the board ends before character ${index + 1}, ${quoted(wanted[index])}.` };
	return {
		index,
		sentence: `Character ${index + 1} is ${quoted(actual[index])}. Expected ${quoted(wanted[index])}.`,
	};
}

function quoted(character = ""): string {
	return JSON.stringify(character);
}
