/** Form fields (application/x-www-form-urlencoded) and HTML text. */

import type { Crypto } from "../contracts/host.js";

/**
 * The value of a field: percent-decoded bytes, which must be UTF-8.
 *
 * @param letter the field's name, one letter
 * @returns undefined if there is no such field; the first one if there are several
 * @throws Error on an incomplete percent-encoding, NUL, or malformed UTF-8
 */
export const formField = (crypto: Crypto, body: Uint8Array, letter: string): string | undefined => {
	const hexDigit = (byte: number | undefined): number => {
		if (byte !== undefined) {
			if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
			const capital = byte & 0xdf;
			if (capital >= 0x41 && capital <= 0x46) return capital - 0x37;
		}
		throw new Error("percent-encoding");
	};

	const decoded = (start: number): string => {
		const bytes = new Uint8Array(body.length - start);
		let length = 0;
		for (let i = start; i < body.length && body[i] !== 0x26; i++) {
			let byte = body[i] as number;
			if (byte === 0x2b) byte = 0x20;
			if (byte === 0x25) {
				byte = hexDigit(body[i + 1]) * 16 + hexDigit(body[i + 2]);
				i += 2;
			}
			// Names and passwords are C strings in the SDK, which end at a NUL.
			if (byte === 0) throw new Error("NUL");
			bytes[length++] = byte;
		}
		return crypto.text(bytes.slice(0, length));
	};

	for (let i = 0; i < body.length; i++) {
		if ((i === 0 || body[i - 1] === 0x26) && body[i] === letter.charCodeAt(0) && body[i + 1] === 0x3d)
			return decoded(i + 2);
	}
	return undefined;
};

/** A text as HTML, also within an attribute in quotes. */
export const escapeHtml = (text: string): string =>
	text.split("&").join("&amp;").split("<").join("&lt;").split(">").join("&gt;").split('"').join("&quot;");
