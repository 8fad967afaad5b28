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

/** Four bits at a time: a table of all eight is 1 KB, and bit by bit takes four times the steps, for a whole sector of flash at each boot. */
const table = Object.freeze([
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320,
	0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
] as const);

/** CRC-32 as in zlib and Ethernet (reflected 0xEDB88320). */
export const crc32 = (bytes: Uint8Array): number => {
	let crc = -1;
	for (let i = 0; i < bytes.length; i++) {
		const byte = bytes[i] as number;
		crc = (crc >>> 4) ^ (table[(crc ^ byte) & 15] as number);
		crc = (crc >>> 4) ^ (table[(crc ^ (byte >> 4)) & 15] as number);
	}
	return ~crc >>> 0;
};
