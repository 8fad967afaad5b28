import UDP from "embedded:io/socket/udp";
import type { Datagrams } from "../../../../modules/contracts/setup.js";

/**
 * Datagrams in the simulator, over the SDK's ECMA-419 socket: the classic one of modules/network/socket/lin does not use its
 * port.
 */
export const datagrams: Datagrams = Object.freeze({
	async listen(port, respond) {
		const socket = new UDP({
			port,
			onReadable(count) {
				while (count-- > 0) {
					const bytes = socket.read();
					const response = bytes && respond(new Uint8Array(bytes));
					if (response) socket.write(response, bytes.address, bytes.port);
				}
			},
		});
		return { close: () => socket.close() };
	},
} satisfies Datagrams);
