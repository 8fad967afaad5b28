/** Netstrings (cr.yp.to/proto/netstrings.txt): decimal length, colon, that many bytes, comma. */

export function netstring(...parts: readonly Uint8Array[]): Buffer {
	const body = Buffer.concat(parts);
	return Buffer.concat([Buffer.from(`${body.length}:`), body, Buffer.from(",")]);
}

/** Reads netstrings from a stream of bytes. */
export class NetstringReader {
	#waiting: Buffer = Buffer.alloc(0);

	/** The netstrings completed by these bytes. @throws Error if it is no netstring */
	*read(bytes: Buffer): Generator<Buffer> {
		this.#waiting = Buffer.concat([this.#waiting, bytes]);
		for (;;) {
			const colon = this.#waiting.indexOf(":");
			if (colon < 0) return;
			const start = colon + 1;
			const end = start + Number(this.#waiting.toString("latin1", 0, colon));
			if (!(end >= start)) throw new Error("not a netstring");
			if (this.#waiting.length <= end) return;
			const body = this.#waiting.subarray(start, end);
			this.#waiting = this.#waiting.subarray(end + 1);
			yield body;
		}
	}
}
