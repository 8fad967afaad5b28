import type { BoardEvent } from "../contracts/event.js";

/**
 * A secret value. Printing, string concatenation and JSON give `[secret]`; only `reveal` returns the value.
 *
 * @example new Secret("abc").reveal() // "abc"
 */
export class Secret {
	readonly #value: string;

	constructor(value: string) {
		this.#value = value;
	}

	reveal(): string {
		return this.#value;
	}

	toString(): string {
		return "[secret]";
	}

	toJSON(): string {
		return "[secret]";
	}
}

/**
 * A log that redacts these secrets, even in texts from outside such as a platform's error message.
 */
export const redactingLog = (
	log: (event: BoardEvent) => void,
	secrets: readonly Secret[],
): ((event: BoardEvent) => void) => {
	// The code of a function created at run time takes a board's memory, so keep it short.
	return (event) => log(redacted(event, secrets));
};

/** Texts are cut behind this many characters, once the secrets are out: an event takes a board's memory several times. */
const maxCharacters = 512;

const redacted = <T>(value: T, secrets: readonly Secret[]): T => {
	if (typeof value === "string") return redactedText(value, secrets) as T;
	if (typeof value !== "object" || value === null) return value;
	const copy = (Array.isArray(value) ? [] : {}) as T;
	for (const name in value) copy[name] = redacted(value[name], secrets);
	return copy;
};

const redactedText = (whole: string, secrets: readonly Secret[]): string => {
	let text = whole;
	for (let i = 0; i < secrets.length; i++) {
		const secret = secrets[i] as Secret;
		// A text without it is not copied, however long it is.
		if (text.indexOf(secret.reveal()) >= 0) text = text.split(secret.reveal()).join(`${secret}`);
	}
	if (text.length <= maxCharacters) return text;
	// Between two characters, not in the middle of one that has two code units.
	const isHalf = (text.charCodeAt(maxCharacters - 2) & 0xfc00) === 0xd800;
	return `${text.slice(0, maxCharacters - (isHalf ? 2 : 1))}…`;
};
