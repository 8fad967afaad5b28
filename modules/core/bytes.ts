/** Numbers and comparisons over bytes, in loops: the engine's `DataView` and iteration methods are 5 KB of a chip's flash. */

/** Little-endian, of `count` bytes; what is not there counts as 0. */
export const readNumber = (bytes: Uint8Array, at: number, count: number): number => {
	let value = 0;
	for (let i = count; i-- > 0; ) value = value * 256 + (bytes[at + i] ?? 0);
	return value;
};

/** Little-endian, of `count` bytes. */
export const writeNumber = (bytes: Uint8Array, at: number, count: number, value: number): void => {
	for (let i = 0; i < count; i++) bytes[at + i] = value >>> (8 * i);
};

/** 32 bits, in network byte order. */
export const word = (bytes: Uint8Array, at: number): number =>
	(((bytes[at] as number) << 24) |
		((bytes[at + 1] as number) << 16) |
		((bytes[at + 2] as number) << 8) |
		(bytes[at + 3] as number)) >>>
	0;

export const isEqual = (one: Uint8Array, other: Uint8Array): boolean => {
	if (one.length !== other.length) return false;
	for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
	return true;
};

/** One after another. */
export const joined = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
	let length = 0;
	for (let i = 0; i < parts.length; i++) length += (parts[i] as Uint8Array).length;
	const bytes = new Uint8Array(length);
	length = 0;
	for (let i = 0; i < parts.length; i++) {
		const part = parts[i] as Uint8Array;
		bytes.set(part, length);
		length += part.length;
	}
	return bytes;
};
