import { Listener, Socket } from "socket";
import Timer from "timer";
import type { Connection, ConnectionEvents, Server } from "../../../modules/contracts/setup.js";

/** TCP connections to the board, over the SDK's sockets. */
export const tcpServer: Server = Object.freeze({
	async listen(port, accept) {
		const listener = new Listener({ port });
		listener.callback = () => {
			new Guest(new Socket({ listener }), accept);
		};
		return { close: () => listener.close() };
	},
} satisfies Server);

class Guest implements Connection {
	/** Undefined once it is closed, by either side. */
	private socket: Socket | undefined;
	private readonly events: ConnectionEvents;
	private unsent = new Uint8Array(0);
	private sent: (() => void) | undefined;
	private failed: ((error: Error) => void) | undefined;

	constructor(socket: Socket, accept: (connection: Connection) => ConnectionEvents) {
		this.socket = socket;
		socket.callback = (message, value) => this.called(message, value);
		this.events = accept(this);
	}

	write(bytes: Uint8Array): Promise<void> {
		return new Promise((resolve, reject) => {
			this.unsent = bytes.slice();
			this.sent = resolve;
			this.failed = reject;
			this.flush();
		});
	}

	close(): void {
		const { socket } = this;
		if (!socket) return;
		this.over();
		// Not during its callback: the simulator would use the socket after freeing it.
		Timer.set(() => {
			try {
				socket.close();
			} catch {
				// The other side has closed it.
			}
		});
	}

	private called(message: number, count = 0): void {
		if (!this.socket) return;
		// A chip's socket throws when there is nothing to read.
		if (message === 2 && count > 0) {
			const bytes = this.socket.read(ArrayBuffer);
			if (bytes) this.events.received(new Uint8Array(bytes));
		} else if (message === 3) this.flush();
		else if (message < 0) {
			this.close();
			this.events.closed();
		}
	}

	private flush(): void {
		const { socket, unsent } = this;
		try {
			if (!socket) throw new Error("the connection is closed");
			const count = Math.min(unsent.length, socket.write());
			if (count > 0) socket.write(unsent.slice(0, count).buffer);
			this.unsent = unsent.subarray(count);
			if (this.unsent.length === 0) this.settle();
		} catch (error) {
			this.settle(error as Error);
		}
	}

	private settle(error?: Error): void {
		const { sent, failed } = this;
		this.sent = undefined;
		this.failed = undefined;
		if (error) failed?.(error);
		else sent?.();
	}

	private over(): void {
		if (this.socket) this.socket.callback = () => {};
		this.socket = undefined;
		this.settle(new Error("the connection is closed"));
	}
}
