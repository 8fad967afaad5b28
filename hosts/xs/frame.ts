/**
 * A value as bytes, for the bridge between the XS engine and its parent: four bytes
 * of length (big endian), that much JSON, then the raw bytes of every `Uint8Array`
 * in it, one after another. JSON holds `{"$bytes": length}` in their place.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encode(value: unknown): Uint8Array {
	const parts: Uint8Array[] = [];
	const json = encoder.encode(
		JSON.stringify(value, (_, each: unknown) => {
			if (!(each instanceof Uint8Array)) return each;
			parts.push(each);
			return { $bytes: each.length };
		}),
	);
	const frame = new Uint8Array(parts.reduce((size, part) => size + part.length, 4 + json.length));
	new DataView(frame.buffer).setUint32(0, json.length);
	frame.set(json, 4);
	let position = 4 + json.length;
	for (const part of parts) {
		frame.set(part, position);
		position += part.length;
	}
	return frame;
}

export function decode(frame: Uint8Array): unknown {
	const end = 4 + new DataView(frame.buffer, frame.byteOffset).getUint32(0);
	let position = end;
	return JSON.parse(decoder.decode(frame.subarray(4, end)), (_, each: unknown) => {
		if (typeof each !== "object" || each === null || !("$bytes" in each)) return each;
		const start = position;
		position += Number(each.$bytes);
		return frame.slice(start, position);
	});
}
