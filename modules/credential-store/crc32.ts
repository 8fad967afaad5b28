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
