/** Reads the lengths of MQTT packets as they come (3.1.1, section 2.2.3), before a client takes memory for them. */
export class PacketMeter {
	/** Bytes of the current packet that are still to come. */
	#left = 0;
	/** Bits of its length that are there; -1 before its first byte. */
	#bits = -1;
	#length = 0;

	/** Whether a packet in these bytes announces that it is longer than `most`. */
	exceeds(bytes: Uint8Array, most: number): boolean {
		for (let at = 0; at < bytes.length; ) {
			if (this.#left > 0) {
				const step = Math.min(this.#left, bytes.length - at);
				this.#left -= step;
				at += step;
				continue;
			}
			const byte = bytes[at++] ?? 0;
			if (this.#bits < 0) {
				this.#bits = 0;
				this.#length = 0;
				continue;
			}
			this.#length += (byte & 0x7f) * 2 ** this.#bits;
			this.#bits += 7;
			if (this.#length > most) return true;
			if (byte > 0x7f) continue;
			this.#left = this.#length;
			this.#bits = -1;
		}
		return false;
	}
}
