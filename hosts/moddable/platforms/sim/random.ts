/** From the operating system: the SDK's own sources are unseeded here and begin alike at each start. */
export const random = (count: number): Uint8Array<ArrayBuffer> => new Uint8Array(entropy(count));

/** In entropy.c. This shape, and no other, is what xsc makes a call of C. */
function entropy(this: unknown, count: number): ArrayBuffer {
	return native("xs_dynreg_entropy").call(this, count) as ArrayBuffer;
}
