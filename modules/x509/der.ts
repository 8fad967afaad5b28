/**
 * Reads DER (ITU-T X.690, section 10), element by element, and nothing that only BER allows: two parsers that read the
 * same certificate differently are how forged ones pass.
 */
export class DerReader {
	/** The identifier of the element that `next` or `element` returned last. */
	tag = 0;
	/** Where the next element begins. */
	offset = 0;
	private readonly bytes: Uint8Array;

	constructor(bytes: Uint8Array) {
		this.bytes = bytes;
	}

	/** The identifier of the next element; undefined at the end. */
	peek(): number | undefined {
		return this.bytes[this.offset];
	}

	/**
	 * @param tag the expected identifier; default: any
	 * @returns the element's contents
	 * @throws RangeError on another identifier, on a truncated element, and on a length that is not DER
	 */
	next(tag?: number): Uint8Array {
		const { bytes } = this;
		let at = this.offset + 2;
		let length = bytes[at - 1] as number;
		this.tag = bytes[at - 2] as number;
		if (length > 0x7f) {
			let more = length - 0x80;
			// Two bytes of length are all that a TLS record has room for.
			expect(more === 1 || more === 2);
			const least = more === 1 ? 0x80 : 0x100;
			for (length = 0; more > 0; more--) length = length * 256 + (bytes[at++] as number);
			expect(length >= least);
		}
		this.offset = at + length;
		expect((tag ?? this.tag) === this.tag && this.offset <= bytes.length);
		// An INTEGER is as short as its value allows.
		if (this.tag === 0x02) {
			const first = bytes[at] as number;
			const second = bytes[at + 1] as number;
			expect(length === 1 || (length > 1 && (first === 0 ? second > 0x7f : first < 0xff || second < 0x80)));
		}
		return bytes.subarray(at, this.offset);
	}

	/** As `next`, with the identifier and length in front of the contents. */
	element(tag?: number): Uint8Array {
		const start = this.offset;
		this.next(tag);
		return this.bytes.subarray(start, this.offset);
	}

	/** @throws RangeError unless all elements have been read */
	end(): void {
		expect(this.offset === this.bytes.length);
	}
}

/** @throws RangeError for a malformed certificate */
export function expect(condition: boolean): asserts condition {
	if (!condition) throw new RangeError("not DER");
}
