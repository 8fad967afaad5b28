import { findJsonMistake } from "dynreg/configuration/json-mistake";

/** `message` continues a sentence about a file, and says what to do. It quotes nothing of the file. */
export class InvalidJson extends Error {}

/**
 * The value in a JSON text that a person wrote. A byte order mark in front of it is dropped.
 *
 * @throws InvalidJson for a text that is not JSON, that has a key twice, or that is nested more than 64 levels deep
 */
export function parseJsonText(marked: string): unknown {
	const text = marked.replace(/^\ufeff/, "");
	if (text.trim() === "") throw new InvalidJson("is empty. Expected JSON.");
	const mistake = findJsonMistake(text);
	if (mistake !== undefined) throw new InvalidJson(`${mistake.problem}. ${mistake.advice}`);
	return JSON.parse(text);
}
