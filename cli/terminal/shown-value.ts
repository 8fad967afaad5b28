import { existsSync } from "node:fs";

/** Product secrets of the platforms have more characters. */
const maxShown = 15;

/**
 * What a person has typed, for a message: between quotes. A secret may be in a wrong place, so a long text is shown as
 * its length.
 */
export function shownValue(text: string): string {
	return text.length > maxShown ? `${text.length} characters` : `"${text}"`;
}

/** The same without quotes, for a word of a command line. */
export function shownWord(text: string): string {
	return text.length > maxShown ? `(${text.length} characters)` : text;
}

/**
 * The path of a file, for a message: a secret may be in the place of a file's name. Only what is there, or ends like a
 * file that dynreg reads, is a name for certain.
 *
 * @param name as it was typed or configured
 * @param path the same, resolved
 */
export function shownFile(name: string, path = name): string {
	const isName = existsSync(path) || /[^/\\]\.(pem|crt|cer|der|key|p12|pfx|json|secret|txt)$/i.test(name);
	return isName ? path : `of this name (${name.length} characters)`;
}
