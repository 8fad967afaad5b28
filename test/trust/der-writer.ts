/** Writes DER, well-formed or not. */

/** @param tag the identifier's byte */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
	const value = Buffer.concat(contents);
	return Buffer.concat([Buffer.from([tag]), lengthOf(value.length), value]);
}

function lengthOf(length: number): Buffer {
	if (length < 0x80) return Buffer.from([length]);
	if (length < 0x100) return Buffer.from([0x81, length]);
	return Buffer.from([0x82, length >> 8, length & 0xff]);
}

export const sequence = (...contents: readonly Uint8Array[]) => der(0x30, ...contents);
export const integer = (...bytes: readonly number[]) => der(0x02, Buffer.from(bytes));
export const octets = (contents: Uint8Array) => der(0x04, contents);
export const bitString = (contents: Uint8Array, unused = 0) => der(0x03, Buffer.from([unused]), contents);
/** @param yes the byte of true: BER has any but 0, DER one */
export const truth = (value: boolean, yes = 0xff) => der(0x01, Buffer.from([value ? yes : 0]));
export const utcTime = (text: string) => der(0x17, Buffer.from(text));
export const generalizedTime = (text: string) => der(0x18, Buffer.from(text));

/** @param dotted for example "2.5.29.19" */
export function oid(dotted: string): Buffer {
	const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
	const bytes = [first * 40 + second];
	for (const arc of others) {
		const base128 = [arc & 0x7f];
		for (let rest = arc >>> 7; rest > 0; rest >>>= 7) base128.unshift((rest & 0x7f) | 0x80);
		bytes.push(...base128);
	}
	return der(0x06, Buffer.from(bytes));
}

/** A Name of one common name. @param type 0x0c UTF8String, 0x13 PrintableString */
export const commonName = (name: string, type = 0x0c) =>
	sequence(der(0x31, sequence(oid("2.5.4.3"), der(type, Buffer.from(name)))));
