/** What the SDK's sockets take. A number is one byte. */
export type Data = string | number | ArrayBuffer | Uint8Array;

export function bytesOf(data: Data): Uint8Array {
	if (typeof data === "string") return new Uint8Array(ArrayBuffer.fromString(data));
	if (typeof data === "number") return Uint8Array.of(data);
	return data instanceof Uint8Array ? data : new Uint8Array(data);
}
