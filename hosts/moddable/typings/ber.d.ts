/** SDK modules/crypt/etc/ber.js; not in the SDK's typings. */
declare module "ber" {
	/** Tag and value: elements for a SEQUENCE, numbers for an OBJECT IDENTIFIER, bytes for an OCTET STRING. */
	type Element = readonly [tag: number, ...value: (bigint | Uint8Array | readonly number[] | Element)[]];

	export default class BER {
		constructor(buffer: ArrayBuffer | Uint8Array);
		static encode(element: Element): ArrayBuffer;
		/** Bytes left. */
		readonly readable: number;
		/** Reads past the end give undefined. */
		getTag(): number;
		getLength(): number;
		peek(): number | undefined;
		skip(count: number): void;
		/** A whole element, with tag and length. */
		next(): Uint8Array;
		/** @throws Error unless an INTEGER follows */
		getInteger(): bigint;
		/** The contents. @throws Error unless a SEQUENCE follows */
		getSequence(): Uint8Array;
		getChunk(count: number): Uint8Array;
		/** @throws Error unless a BIT STRING follows */
		getBitString(): Uint8Array;
		/** @throws Error unless an OBJECT IDENTIFIER follows */
		getObjectIdentifier(): Uint32Array;
	}
}
