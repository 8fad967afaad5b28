import { deflateSync } from "node:zlib";
import { crc32 } from "dynreg/credential-store/crc32";

/** Pixels as a PNG file (ISO/IEC 15948): 8 bits a channel, red, green, blue. */
export function png(width: number, height: number, pixels: Uint8Array): Uint8Array {
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.set([8, 2, 0, 0, 0], 8);
	// Each row behind the number of its filter; 0 is none.
	const rows = Buffer.alloc(height * (1 + width * 3));
	for (let row = 0; row < height; row++)
		rows.set(pixels.subarray(row * width * 3, (row + 1) * width * 3), row * (1 + width * 3) + 1);
	const signature = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
	return Buffer.concat([
		signature,
		chunk("IHDR", header),
		chunk("IDAT", deflateSync(rows, { level: 9 })),
		chunk("IEND", Buffer.alloc(0)),
	]);
}

function chunk(type: string, data: Buffer): Buffer {
	const contents = Buffer.concat([Buffer.from(type, "latin1"), data]);
	const length = Buffer.alloc(4);
	length.writeUInt32BE(data.length);
	const check = Buffer.alloc(4);
	check.writeUInt32BE(crc32(contents));
	return Buffer.concat([length, contents, check]);
}
