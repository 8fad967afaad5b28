/**
 * An HTTP/1.1 server's requests (RFC 9112), byte by byte, within fixed memory: of the header only the fields that the
 * portal needs are kept.
 */

import type { Crypto } from "../contracts/host.js";

export interface Request {
	readonly method: string;
	/** The request target, cut to what is left of 256 bytes. */
	readonly path: string;
	/** The Host field in lower case; empty if absent. */
	readonly host: string;
	/** The Accept-Language field in lower case; empty if absent. */
	readonly language: string;
	readonly body: Uint8Array;
}

export interface RequestReader {
	/** @returns the request once it is complete; the HTTP status if it is invalid; undefined if more is needed */
	read(bytes: Uint8Array): Request | number | undefined;
}

/**
 * Reads one request. What follows it is ignored, since the portal closes each connection.
 *
 * @example
 * const request = reader.read(bytes);
 * if (typeof request === "number") refuse(request);
 */
export const createRequestReader = (crypto: Crypto): RequestReader => {
	/** Bytes kept of a line; what follows is skipped. */
	const maxLineBytes = 256;
	const line = new Uint8Array(maxLineBytes);
	const fields = { method: "", path: "", host: "", language: "" };
	/** Bytes of the current line, kept or not. */
	let length = 0;
	let headBytes = 0;
	let bodyBytes = -1;
	/** Undefined until the header has ended. */
	let body: Uint8Array | undefined;
	let filled = 0;

	/** @returns the HTTP status if the header is invalid */
	const headByte = (byte: number): number | undefined => {
		// Request line and header, kept or not: browsers send up to 2 KB.
		if (++headBytes > 4096) return 431;
		if (byte !== 10) {
			if (length < maxLineBytes) line[length] = byte;
			length++;
			return undefined;
		}
		const end = Math.min(length, maxLineBytes);
		length = 0;
		try {
			// A carriage return before the line feed is optional (RFC 9112, section 2.2).
			return endLine(line.subarray(0, line[end - 1] === 13 ? end - 1 : end));
		} catch {
			// It is not UTF-8.
			return 400;
		}
	};

	const endLine = (text: Uint8Array): number | undefined => {
		if (fields.method === "") return text.length === 0 ? undefined : requestLine(text);
		if (text.length === 0) {
			body = new Uint8Array(Math.max(bodyBytes, 0));
			return undefined;
		}
		const host = value(text, "host:");
		if (host !== undefined) {
			if (fields.host !== "") return 400;
			fields.host = host;
		}
		fields.language = value(text, "accept-language:") ?? fields.language;
		if (value(text, "transfer-encoding:") !== undefined) return 411;
		const given = value(text, "content-length:");
		return given === undefined ? undefined : contentLength(given);
	};

	const requestLine = (text: Uint8Array): number | undefined => {
		const parts = crypto.text(text).split(" ");
		fields.method = parts[0] as string;
		fields.path = parts[1] ?? "";
		if (fields.path === "" || parts.length > 3) return 400;
		// The version is missing where the line was cut.
		return text.length === maxLineBytes || parts[2]?.indexOf("HTTP/1.") === 0 ? undefined : 400;
	};

	const contentLength = (text: string): number | undefined => {
		if (bodyBytes >= 0 || text === "") return 400;
		let count = 0;
		for (let i = 0; i < text.length; i++) {
			const digit = text.charCodeAt(i) - 48;
			if (digit < 0 || digit > 9) return 400;
			count = count * 10 + digit;
		}
		// The portal's form, with each byte percent-encoded, has up to 430.
		if (count > 512) return 413;
		bodyBytes = count;
		return undefined;
	};

	/** The field's value in lower case; undefined if this is another field. */
	const value = (text: Uint8Array, name: string): string | undefined => {
		for (let i = 0; i < name.length; i++) {
			const byte = text[i];
			const code = name.charCodeAt(i);
			// Letters in either case; "-" and ":" are as they are.
			if (byte !== code && !(code > 96 && byte === code - 32)) return undefined;
		}
		return crypto.text(text.slice(name.length)).trim().toLowerCase();
	};

	return {
		read(bytes) {
			for (let i = 0; i < bytes.length; i++) {
				const byte = bytes[i] as number;
				if (body) body[filled++] = byte;
				else {
					const status = headByte(byte);
					if (status !== undefined) return status;
				}
				if (body?.length === filled) return { ...fields, body };
			}
			return undefined;
		},
	};
};
