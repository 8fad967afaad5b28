/** What XS 17 has and neither TypeScript's library nor the SDK's typings know. */
interface Uint8Array<TArrayBuffer extends ArrayBufferLike> {
	toHex(): string;
	toBase64(): string;
}

interface Uint8ArrayConstructor {
	fromBase64(text: string, options?: { lastChunkHandling: "strict" }): Uint8Array<ArrayBuffer>;
}

interface BigIntConstructor {
	/** Bits without leading zeros. */
	bitLength(value: bigint): number;
}

/** xsc turns this into a call of the C function of that name. */
declare function native(name: string): (...parameters: unknown[]) => unknown;
