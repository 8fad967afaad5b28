/** SDK modules/network/socket/socket.js, its TCP client and UDP; the SDK's typings lack `read()` and what may be read and written. */
declare module "socket" {
	/** What the SDK's TLS needs of a connection. */
	export interface Stream {
		/** 1 connected, 2 readable (bytes), 3 writable (bytes), -1 closed by the other side, -2 failed. */
		callback: (message: number, value?: number) => void;
		/** Bytes that are there to be read, only during `callback`. */
		read(): number;
		read(type: ArrayBufferConstructor, limit?: number | string): ArrayBuffer | undefined;
		/** Bytes that may be written at once. */
		write(): number;
		/** @throws Error when there is no room for all of it, or the connection is gone */
		write(data: ArrayBuffer | Uint8Array): void;
		/** @throws Error when it is closed already */
		close(): void;
	}

	/**
	 * With `kind: "UDP"` a message is one datagram, with its sender's address and port, and `write` takes address, port and contents. With `listener`, within its
	 * callback: the connection that has arrived.
	 */
	export class Socket implements Stream {
		constructor(
			options:
				| { host: string; port: number; noDelay?: boolean }
				| { kind: "UDP"; port?: number }
				| { listener: Listener },
		);
		callback: (message: number, value?: number, address?: string, port?: number) => void;
		read(): number;
		read(type: ArrayBufferConstructor, limit?: number | string): ArrayBuffer | undefined;
		write(): number;
		write(...data: (string | number | ArrayBuffer | Uint8Array)[]): void;
		close(): void;
	}

	export class Listener {
		/** @throws Error if the port is in use */
		constructor(options: { port: number });
		/** A connection has arrived. */
		callback: () => void;
		close(): void;
	}
}
