/**
 * Reads the remaining lengths of MQTT packets as their bytes arrive (MQTT 3.1.1, section 2.2.3), so that a connection
 * can be closed before memory is allocated for a packet that is too long.
 */
export class PacketLengthMeter {
	readonly #limit: number;
	/** Missing bytes of the current packet. */
	#missing = 0;
	/** Received bits of its length; -1 before its first byte. */
	#bits = -1;
	#length = 0;

	/** @param limit maximum remaining length of a packet, in bytes */
	constructor(limit: number) {
		this.#limit = limit;
	}

	/**
	 * @param bytes the next bytes of the connection
	 * @returns the remaining length, as far as received, if it is above the limit; otherwise undefined
	 */
	exceeded(bytes: Uint8Array): number | undefined {
		for (let at = 0; at < bytes.length; ) {
			if (this.#missing > 0) {
				const step = Math.min(this.#missing, bytes.length - at);
				this.#missing -= step;
				at += step;
				continue;
			}
			const byte = bytes[at++] as number;
			if (this.#bits < 0) {
				this.#bits = 0;
				this.#length = 0;
				continue;
			}
			this.#length += (byte & 0x7f) * 2 ** this.#bits;
			this.#bits += 7;
			if (this.#length > this.#limit) return this.#length;
			if (byte > 0x7f) continue;
			this.#missing = this.#length;
			this.#bits = -1;
		}
		return undefined;
	}
}
