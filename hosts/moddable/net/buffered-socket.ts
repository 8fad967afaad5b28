import { Socket, type Stream } from "socket";
import Timer from "timer";

/**
 * The SDK's TCP socket, as what stands on it needs it.
 *
 * - What there is no room for waits. The SDK's TLS writes each message of a handshake in one
 *   piece, a client's certificates among them, and the simulator's socket takes 1 KB at a time,
 *   an ESP8266's not much more.
 * - It is closed once the callback is over, whoever asks: the simulator frees a socket that is
 *   closed while it calls back, and goes on using it.
 */
export class Wire implements Stream {
	callback: (message: number, value?: number) => void = () => {};

	private readonly socket: Socket;
	private waiting: Uint8Array[] = [];

	constructor(server: { readonly host: string; readonly port: number }) {
		this.socket = new Socket({ ...server, noDelay: true });
		this.socket.callback = (message, value) => {
			if (message !== 3 || this.waiting.length === 0) this.callback(message, value);
			else this.proceed();
		};
	}

	read(): number;
	read(type: ArrayBufferConstructor, limit: number | string): ArrayBuffer | undefined;
	read(type?: ArrayBufferConstructor, limit?: number | string): ArrayBuffer | number | undefined {
		return type ? this.socket.read(type, limit) : this.socket.read();
	}

	write(): number;
	write(data: ArrayBuffer | Uint8Array): void;
	write(data?: ArrayBuffer | Uint8Array): number | undefined {
		if (!data) return this.waiting.length ? 0 : this.socket.write();
		this.waiting.push(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
		this.flush();
		return undefined;
	}

	close(): void {
		// The simulator never lets go of a socket that the other side has closed, nor of what it calls back.
		this.socket.callback = ignore;
		Timer.set(() => {
			try {
				this.socket.close();
			} catch {
				// Closed already by the other side.
			}
		});
	}

	/** There is room again. */
	private proceed(): void {
		try {
			this.flush();
		} catch {
			this.callback(-2);
			return;
		}
		if (this.waiting.length === 0) this.callback(3, this.socket.write());
	}

	private flush(): void {
		for (let next = this.waiting[0]; next; next = this.waiting[0]) {
			const room = this.socket.write();
			if (room <= 0) return;
			this.socket.write(next.slice(0, room).buffer);
			if (next.length > room) this.waiting[0] = next.subarray(room);
			else this.waiting.shift();
		}
	}
}

const ignore = (): void => {};
