import type { Socket } from "node:net";

/** Bytes of an MQTT packet: the longest message with the longest topic, or a thousand subscriptions. */
const maxPacket = 64 * 1024;

/**
 * Watches a connection for a packet that announces too many bytes. The broker would buffer all of them, from anybody.
 *
 * @param onExceeded called before the packet's bytes have arrived
 */
export function limitPackets(socket: Socket, onExceeded: (reason: string) => void): void {
	/** Bytes of the current packet that are still to come. */
	let left = 0;
	/** Value of the next seven bits of its length (MQTT 3.1.1 section 2.2.3); 0 before its first byte. */
	let weight = 0;
	let length = 0;
	socket.on("data", (bytes: Buffer) => {
		for (let at = 0; at < bytes.length; ) {
			if (left > 0) {
				const step = Math.min(left, bytes.length - at);
				left -= step;
				at += step;
				continue;
			}
			const byte = bytes[at++] ?? 0;
			if (weight === 0) {
				weight = 1;
				length = 0;
				continue;
			}
			length += (byte & 0x7f) * weight;
			weight *= 128;
			if (length > maxPacket) {
				onExceeded(
					`a packet of ${length} bytes or more was announced, ${maxPacket} are taken: the connection is closed`,
				);
				return;
			}
			if (byte > 0x7f) continue;
			left = length;
			weight = 0;
		}
	});
}
