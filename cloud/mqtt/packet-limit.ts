import type { Socket } from "node:net";
import { PacketLengthMeter } from "dynreg/mqtt/packet-length";

/** Bytes of an MQTT packet: the longest message with the longest topic, or a thousand subscriptions. */
const maxPacket = 64 * 1024;

/**
 * Watches a connection for a packet that announces too many bytes. The broker would buffer all of them, from anybody.
 *
 * @param onExceeded called before the packet's bytes have arrived
 */
export function limitPackets(socket: Socket, onExceeded: (reason: string) => void): void {
	const meter = new PacketLengthMeter(maxPacket);
	socket.on("data", (bytes: Buffer) => {
		const length = meter.exceeded(bytes);
		if (length === undefined) return;
		onExceeded(
			`The client announced a packet of ${length} bytes or more, but only ${maxPacket} are allowed. The connection is closed.`,
		);
	});
}
