import { closeSync, openSync, readSync } from "node:fs";
import { shownFile } from "../terminal/shown-value.js";
import { systemReason } from "../terminal/system-message.js";

/** Bytes: a million addresses with a comment each. A device such as /dev/zero has no end. */
const maxLength = 64 * 1024 * 1024;

export interface TextFileOptions {
	/** Leave the byte order mark in front of the text. */
	readonly keepMark?: true;
	/** An error shows no byte of it, and its name only if it looks like one. */
	readonly isSecret?: true;
}

/**
 * A text that a person wrote or exported, without its byte order mark.
 *
 * @param what names the file in an error: "The list of addresses"
 * @param next the next step, for a file of another format: "Save the list as text in UTF-8."
 * @throws Error if the file cannot be read, or holds something other than text in UTF-8
 */
export function readTextFile(file: string, what: string, next: string, options: TextFileOptions = {}): string {
	// The secret may be in the place of the name.
	const name = options.isSecret ? shownFile(file) : file;
	let content: Buffer | undefined;
	try {
		content = readWithin(file, maxLength);
	} catch (error) {
		const reason = systemReason(error as NodeJS.ErrnoException);
		throw new Error(`${what} ${name} cannot be read: ${reason}. Check the file's name and permissions.`);
	}
	if (content === undefined)
		throw new Error(`${what} ${name} is longer than ${maxLength >> 20} MiB. Check the file's name.`);
	const [problem, detail] = formatProblem(content) ?? [];
	if (problem !== undefined)
		throw new Error(`${what} ${name} ${problem}${detail && !options.isSecret ? `: ${detail}` : ""}. ${next}`);
	const text = content.toString("utf8");
	return options.keepMark ? text : text.replace(/^\uFEFF/, "");
}

/** @returns undefined if it is longer */
function readWithin(file: string, limit: number): Buffer | undefined {
	const descriptor = openSync(file, "r");
	try {
		const chunks: Buffer[] = [];
		for (let length = 0; length <= limit; ) {
			const chunk = Buffer.alloc(65_536);
			const read = readSync(descriptor, chunk);
			if (read === 0) return Buffer.concat(chunks);
			chunks.push(chunk.subarray(0, read));
			length += read;
		}
		return undefined;
	} finally {
		closeSync(descriptor);
	}
}

/** By the first bytes, in hexadecimal; a longer mark stands before the one that it begins with. */
const formats: readonly (readonly [start: string, format: string])[] = [
	["fffe0000", "is text in UTF-32, not in UTF-8"],
	["0000feff", "is text in UTF-32, not in UTF-8"],
	["fffe", "is text in UTF-16, not in UTF-8"],
	["feff", "is text in UTF-16, not in UTF-8"],
	["504b0304", "is a spreadsheet or another ZIP file, not text"],
	["504b0506", "is a spreadsheet or another ZIP file, not text"],
	["d0cf11e0", "is a spreadsheet or a document of an office program, not text"],
	["1f8b", "is a compressed file, not text"],
	["25504446", "is a PDF file, not text"],
];

/** @returns continues "The list …", and the place */
function formatProblem(content: Buffer): readonly [problem: string, detail?: string] | undefined {
	const start = content.toString("hex", 0, 4);
	const [, format] = formats.find(([bytes]) => start.startsWith(bytes)) ?? [];
	if (format !== undefined) return [format];
	if (content.includes(0)) return [isWide(content) ? "is text in UTF-16, not in UTF-8" : "is a binary file, not text"];
	const text = content.toString("utf8");
	const invalid = invalidUtf8At(content);
	if (invalid !== undefined) {
		const byte = content.toString("hex", invalid, invalid + 1);
		return ["is not in UTF-8", `${placeIn(content.toString("utf8", 0, invalid))} has the byte 0x${byte}`];
	}
	const control = /(?![\t\n\r])\p{Cc}/u.exec(text);
	if (control === null) return undefined;
	const code = control[0].charCodeAt(0).toString(16).padStart(2, "0");
	return ["is not text", `${placeIn(text.slice(0, control.index))} has the control character 0x${code}`];
}

/** Whether it is UTF-16 without a mark: of each pair, the one half is zero for Latin letters and never the other. */
function isWide(content: Buffer): boolean {
	const zeros = [0, 0];
	for (const [index, byte] of content.subarray(0, 4096).entries())
		if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
	const [most = 0, least = 0] = zeros.sort((a, b) => b - a);
	return content.length % 2 === 0 && least === 0 && most > Math.min(content.length, 4096) / 8;
}

/** @returns the index of the first byte that cannot be UTF-8 */
function invalidUtf8At(content: Buffer): number | undefined {
	try {
		new TextDecoder("utf-8", { fatal: true }).decode(content);
		return undefined;
	} catch {
		const decoded = content.toString("utf8");
		// A replacement character may also be in the text itself, as ef bf bd.
		for (let at = decoded.indexOf("\ufffd"); at >= 0; at = decoded.indexOf("\ufffd", at + 1)) {
			const index = Buffer.byteLength(decoded.slice(0, at));
			if (content.toString("hex", index, index + 3) !== "efbfbd") return index;
		}
		return undefined;
	}
}

/** @param before the text before it. @returns "line 3, column 7" */
function placeIn(before: string): string {
	const lines = before.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
	return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}
