import { Socket } from "socket";
import type { Datagrams } from "../../../../modules/contracts/setup.js";

/** Datagrams over a chip's socket. */
export const datagrams: Datagrams = Object.freeze({
	async listen(port, respond) {
		const socket = new Socket({ kind: "UDP", port });
		socket.callback = (message, count, address, from) => {
			if (message !== 2 || address === undefined || from === undefined) return;
			const bytes = socket.read(ArrayBuffer, count);
			const response = bytes && respond(new Uint8Array(bytes));
			if (response) socket.write(address, from, response);
		};
		return { close: () => socket.close() };
	},
} satisfies Datagrams);
