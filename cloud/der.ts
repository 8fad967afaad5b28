/**
 * Writes ASN.1 in DER (ITU-T X.690), as much of it as an X.509 certificate needs.
 * Every function returns one complete element: tag, length, contents.
 */

function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
	const body = Buffer.concat(contents);
	if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
	const length = minimal(BigInt(body.length));
	return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, body]);
}

/** Big endian, without leading zeros. */
function minimal(value: bigint): Buffer {
	const hex = value.toString(16);
	return Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
}

export const sequence = (...items: readonly Uint8Array[]): Buffer => element(0x30, ...items);
export const set = (...items: readonly Uint8Array[]): Buffer => element(0x31, ...items);
export const boolean = (value: boolean): Buffer => element(0x01, Buffer.of(value ? 0xff : 0));
export const octets = (contents: Uint8Array): Buffer => element(0x04, contents);
export const nothing = (): Buffer => element(0x05);
export const text = (value: string): Buffer => element(0x0c, Buffer.from(value, "utf8"));

/** @param value not negative */
export function integer(value: bigint): Buffer {
	const bytes = minimal(value);
	return (bytes[0] ?? 0) & 0x80 ? element(0x02, Buffer.of(0), bytes) : element(0x02, bytes);
}

/** @param unused how many of the last byte's low bits do not belong to the string */
export const bits = (contents: Uint8Array, unused = 0): Buffer => element(0x03, Buffer.of(unused), contents);

/** @param dotted "1.2.840.113549.1.1.11" */
export function objectId(dotted: string): Buffer {
	const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
	return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
	const bytes = [arc & 0x7f];
	for (let left = arc >>> 7; left > 0; left >>>= 7) bytes.unshift(0x80 | (left & 0x7f));
	return bytes;
}

/** UTCTime up to 2049, GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
export function time(date: Date): Buffer {
	const digits = `${date.toISOString().replace(/\D/g, "").slice(0, 14)}Z`;
	return date.getUTCFullYear() < 2050
		? element(0x17, Buffer.from(digits.slice(2), "latin1"))
		: element(0x18, Buffer.from(digits, "latin1"));
}

/** Context-specific tag around whole elements. */
export const tagged = (number: number, ...items: readonly Uint8Array[]): Buffer => element(0xa0 | number, ...items);

/** Context-specific tag in place of a primitive element's own. */
export const implicit = (number: number, contents: Uint8Array): Buffer => element(0x80 | number, contents);
