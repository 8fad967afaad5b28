/**
 * An HTTP/1.1 server's requests (RFC 9112), byte by byte, within fixed memory: of the header only the fields that the
 * portal needs are kept.
 */

import type { Crypto } from "../contracts/host.js";

/** Bytes kept of a line; what follows is skipped. */
const maxLineBytes = 256;
/** Bytes of request line and header, kept or not: browsers send up to 2 KB. */
const maxHeadBytes = 4096;
/** Bytes of a body: the portal's form, with each byte percent-encoded, has up to 430. */
const maxBodyBytes = 512;

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
export const createRequestReader = (crypto: Crypto): RequestReader => new Reader(crypto);

class Reader implements RequestReader {
	private readonly crypto: Crypto;
	private readonly line = new Uint8Array(maxLineBytes);
	/** Bytes of the current line, kept or not. */
	private length = 0;
	private headBytes = 0;
	private readonly fields = { method: "", path: "", host: "", language: "" };
	private bodyBytes = -1;
	/** Undefined until the header has ended. */
	private body: Uint8Array | undefined;
	private filled = 0;

	constructor(crypto: Crypto) {
		this.crypto = crypto;
	}

	read(bytes: Uint8Array): Request | number | undefined {
		for (let i = 0; i < bytes.length; i++) {
			const byte = bytes[i] as number;
			if (this.body) this.body[this.filled++] = byte;
			else {
				const status = this.headByte(byte);
				if (status !== undefined) return status;
			}
			if (this.body?.length === this.filled) return { ...this.fields, body: this.body };
		}
		return undefined;
	}

	/** @returns the HTTP status if the header is invalid */
	private headByte(byte: number): number | undefined {
		if (++this.headBytes > maxHeadBytes) return 431;
		if (byte !== 10) {
			if (this.length < maxLineBytes) this.line[this.length] = byte;
			this.length++;
			return undefined;
		}
		const end = Math.min(this.length, maxLineBytes);
		// A carriage return before the line feed is optional (RFC 9112, section 2.2).
		const line = this.line.subarray(0, this.line[end - 1] === 13 ? end - 1 : end);
		this.length = 0;
		try {
			return this.endLine(line);
		} catch {
			// It is not UTF-8.
			return 400;
		}
	}

	private endLine(line: Uint8Array): number | undefined {
		const { fields } = this;
		if (fields.method === "") return line.length === 0 ? undefined : this.requestLine(line);
		if (line.length === 0) {
			this.body = new Uint8Array(Math.max(this.bodyBytes, 0));
			return undefined;
		}
		const host = this.value(line, "host:");
		if (host !== undefined) {
			if (fields.host !== "") return 400;
			fields.host = host;
		}
		fields.language = this.value(line, "accept-language:") ?? fields.language;
		if (this.value(line, "transfer-encoding:") !== undefined) return 411;
		const length = this.value(line, "content-length:");
		return length === undefined ? undefined : this.contentLength(length);
	}

	private requestLine(line: Uint8Array): number | undefined {
		const parts = this.crypto.text(line).split(" ");
		const { fields } = this;
		fields.method = parts[0] as string;
		fields.path = parts[1] ?? "";
		if (fields.path === "" || parts.length > 3) return 400;
		// The version is missing where the line was cut.
		return line.length === maxLineBytes || parts[2]?.indexOf("HTTP/1.") === 0 ? undefined : 400;
	}

	private contentLength(text: string): number | undefined {
		if (this.bodyBytes >= 0 || text === "") return 400;
		let length = 0;
		for (let i = 0; i < text.length; i++) {
			const digit = text.charCodeAt(i) - 48;
			if (digit < 0 || digit > 9) return 400;
			length = length * 10 + digit;
		}
		if (length > maxBodyBytes) return 413;
		this.bodyBytes = length;
		return undefined;
	}

	/** The field's value in lower case; undefined if this is another field. */
	private value(line: Uint8Array, name: string): string | undefined {
		for (let i = 0; i < name.length; i++) {
			const byte = line[i];
			const code = name.charCodeAt(i);
			// Letters in either case; "-" and ":" are as they are.
			if (byte !== code && !(code > 96 && byte === code - 32)) return undefined;
		}
		return this.crypto.text(line.slice(name.length)).trim().toLowerCase();
	}
}
