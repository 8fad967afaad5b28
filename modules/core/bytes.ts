/** Byte operations as loops, since the engine's `DataView` and iteration methods take 5 KB of a chip's flash. */

/** A little-endian number of `count` bytes; missing bytes count as 0. */
export const readNumber = (bytes: Uint8Array, offset: number, count: number): number => {
	let value = 0;
	for (let i = count; i-- > 0; ) value = value * 256 + (bytes[offset + i] ?? 0);
	return value;
};

/** Writes a little-endian number of `count` bytes. */
export const writeNumber = (bytes: Uint8Array, offset: number, count: number, value: number): void => {
	for (let i = 0; i < count; i++) bytes[offset + i] = value >>> (8 * i);
};

/** A 32-bit number in network byte order. */
export const uint32 = (bytes: Uint8Array, offset: number): number =>
	(((bytes[offset] as number) << 24) |
		((bytes[offset + 1] as number) << 16) |
		((bytes[offset + 2] as number) << 8) |
		(bytes[offset + 3] as number)) >>>
	0;

export const isEqual = (one: Uint8Array, other: Uint8Array): boolean => {
	if (one.length !== other.length) return false;
	for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
	return true;
};

export const concat = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
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

/** For four bits at a time: a table for eight takes 1 KB, and single bits take four times as long, on a sector at each boot. */
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
