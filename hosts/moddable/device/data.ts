/** What the SDK's sockets take. A number is one byte. */
export type Data = string | number | ArrayBuffer | Uint8Array;

/** All of it in one piece: the SDK's HTTP client hands over a request in a dozen. */
export function bytesOf([first = "", ...rest]: readonly Data[]): Uint8Array {
	let bytes = viewOf(first);
	for (const each of rest) {
		const next = viewOf(each);
		const joined = new Uint8Array(bytes.length + next.length);
		joined.set(bytes);
		joined.set(next, bytes.length);
		bytes = joined;
	}
	return bytes;
}

function viewOf(data: Data): Uint8Array {
	if (typeof data === "string") return new Uint8Array(ArrayBuffer.fromString(data));
	if (typeof data === "number") return Uint8Array.of(data);
	return data instanceof Uint8Array ? data : new Uint8Array(data);
}
