import { type Listener, Socket as SimulatorSocket, type Stream } from "socket";
import Timer from "timer";

export { Listener } from "socket";

/**
 * The simulator's TCP socket, with what a callback does not read still there afterwards, as on a board: SDK
 * modules/network/socket/lin/modSocket.c drops it, where lwip/modSocket.c keeps it and holds up what is behind it. Here
 * nothing is held up.
 */
export class Socket implements Stream {
	callback: Stream["callback"] = ignore;

	private readonly socket: SimulatorSocket;
	private unread = new Uint8Array(0);
	/** How it has ended, to be told once all has been read. */
	private end: number | undefined;

	/** @param options as the SDK's */
	constructor(
		options:
			| { readonly host: string; readonly port: number; readonly noDelay: boolean }
			| { readonly listener: Listener },
	) {
		this.socket = new SimulatorSocket(options);
		this.socket.callback = (message, value) => {
			if (message === 2) this.receive();
			else if (message < 0 && this.unread.length > 0) this.end = message;
			else this.callback(message, value);
		};
	}

	read(): number;
	read(type: ArrayBufferConstructor, limit?: number | string): ArrayBuffer | undefined;
	read(type?: ArrayBufferConstructor, limit?: number | string): ArrayBuffer | number | undefined {
		const { unread } = this;
		if (!type) return unread.length;
		if (unread.length === 0) return undefined;
		const count = Math.min(unread.length, Number(limit ?? unread.length));
		this.unread = unread.subarray(count);
		if (this.end && count === unread.length) Timer.set(() => this.callback(this.end ?? -1));
		return unread.slice(0, count).buffer;
	}

	write(): number;
	write(data: ArrayBuffer | Uint8Array): void;
	write(data?: ArrayBuffer | Uint8Array): number | undefined {
		if (!data) return this.socket.write();
		this.socket.write(data);
		return undefined;
	}

	close(): void {
		// The simulator never releases a socket that the other side has closed, nor its callback.
		this.socket.callback = ignore;
		this.callback = ignore;
		this.socket.close();
	}

	private receive(): void {
		const more = this.socket.read(ArrayBuffer);
		if (!more) return;
		const { length } = this.unread;
		if (length === 0) this.unread = new Uint8Array(more);
		else {
			const all = new Uint8Array(length + more.byteLength);
			all.set(this.unread);
			all.set(new Uint8Array(more), length);
			this.unread = all;
		}
		this.callback(2, this.unread.length);
	}
}

const ignore = (): void => {};
