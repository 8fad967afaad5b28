import { Listener, Socket } from "socket";
import Timer from "timer";
import type { Connection, ConnectionEvents, Server } from "../../../modules/contracts/setup.js";

/** TCP connections to the board, over the SDK's sockets. */
export const tcpServer: Server = Object.freeze({
	async listen(port, accept) {
		const listener = new Listener({ port });
		listener.callback = () => connect(new Socket({ listener }), accept);
		return { close: () => listener.close() };
	},
} satisfies Server);

const connect = (accepted: Socket, accept: (connection: Connection) => ConnectionEvents): void => {
	/** Undefined once it is closed, by either side. */
	let socket: Socket | undefined = accepted;
	let unsent = new Uint8Array(0);
	let sent: (() => void) | undefined;
	let failed: ((error: unknown) => void) | undefined;

	const settle = (settled: ((error: unknown) => void) | undefined, error?: unknown) => {
		sent = undefined;
		failed = undefined;
		settled?.(error);
	};

	const flush = () => {
		try {
			if (!socket) throw new Error("the connection is closed");
			const count = Math.min(unsent.length, socket.write());
			if (count > 0) socket.write(unsent.slice(0, count).buffer);
			unsent = unsent.subarray(count);
			if (unsent.length === 0) settle(sent);
		} catch (error) {
			settle(failed, error);
		}
	};

	const close = () => {
		if (!socket) return;
		socket = undefined;
		accepted.callback = () => {};
		settle(failed, new Error("the connection is closed"));
		// Not during its callback: the simulator would use the socket after freeing it.
		Timer.set(() => {
			try {
				accepted.close();
			} catch {
				// The other side has closed it.
			}
		});
	};

	accepted.callback = (message, count = 0) => {
		// A chip's socket throws when there is nothing to read.
		if (message === 2 && count > 0) {
			const bytes = accepted.read(ArrayBuffer);
			if (bytes) events.received(new Uint8Array(bytes));
		} else if (message === 3) flush();
		else if (message < 0) {
			close();
			events.closed();
		}
	};

	const events = accept({
		write: (bytes) =>
			new Promise((resolve, reject) => {
				unsent = bytes.slice();
				sent = resolve;
				failed = reject;
				flush();
			}),
		close,
	});
};
