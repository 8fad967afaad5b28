import type { Stream } from "socket";
import Timer from "timer";
import type { Connection, ConnectionEvents } from "../../../modules/contracts/setup.js";

/**
 * A TCP connection to the board.
 *
 * @param socket of a listener, as the SDK has them
 * @param accept what the connection is for
 */
export const connect = (socket: Stream, accept: (connection: Connection) => ConnectionEvents): void => {
	let isOpen = true;
	let unsent = new Uint8Array(0);
	/** Ends the last write. Without effect when it has ended. */
	let settle: ((error?: unknown) => void) | undefined;

	const flush = () => {
		try {
			const count = Math.min(unsent.length, socket.write());
			if (count > 0) socket.write(unsent.slice(0, count).buffer);
			unsent = unsent.subarray(count);
			if (unsent.length === 0) settle?.();
		} catch (error) {
			settle?.(error);
		}
	};

	const close = () => {
		if (!isOpen) return;
		isOpen = false;
		socket.callback = () => {};
		settle?.(new Error("the connection is closed"));
		// Not during its callback: the simulator would use the socket after freeing it.
		Timer.set(() => {
			try {
				socket.close();
			} catch {
				// The other side has closed it.
			}
		});
	};

	socket.callback = (message, count = 0) => {
		// A chip's socket throws when there is nothing to read.
		if (message === 2 && count > 0) {
			const bytes = socket.read(ArrayBuffer);
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
				if (!isOpen) throw new Error("the connection is closed");
				unsent = bytes.slice();
				settle = (error) => (error ? reject(error) : resolve());
				flush();
			}),
		close,
	});
};
