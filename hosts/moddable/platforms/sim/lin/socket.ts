import type { Stream } from "socket";

/**
 * A TCP socket for the simulator on Linux, over `tcp.c`. The SDK's (modules/network/socket/lin/modSocket.c) looks at its
 * connections every 20 ms, reads 1 KB each time, and delays small segments until the one before is acknowledged. A chip's
 * does none of these.
 *
 * What a callback does not read is still there afterwards, as on a board; from a kilobyte on, it holds up what is behind it.
 */
export class Socket implements Stream {
	callback: Stream["callback"] = ignore;

	private readonly connection: Connection;
	private isOpen: boolean;
	/** Whether the next moment in which the network takes something is reported. At first, that is the connection's. */
	private awaitsRoom = true;
	private unread = new Uint8Array(0);
	/** What the network has not taken. */
	private unsent: ArrayBuffer | undefined;
	/** All has been received. */
	private isOver = false;
	private isClosed = false;

	/** @param options the other side; or a listener in its callback, whose new connection it takes */
	constructor(options: { readonly host: string; readonly port: number; readonly noDelay: boolean } | Incoming) {
		const onEvent: OnEvent = (isWritable, error) => this.onEvent(isWritable, error);
		this.isOpen = "listener" in options;
		this.connection =
			"listener" in options ? options.listener.take(onEvent) : open(options.host, options.port, onEvent);
		this.watch();
	}

	read(): number;
	read(type: ArrayBufferConstructor, limit?: number | string): ArrayBuffer | undefined;
	read(type?: ArrayBufferConstructor, limit?: number | string): ArrayBuffer | number | undefined {
		const { unread } = this;
		if (!type) return unread.length;
		if (unread.length === 0) return undefined;
		const count = Math.min(unread.length, Number(limit ?? unread.length));
		const wasFull = this.isFull;
		this.unread = unread.subarray(count);
		if (!this.isClosed && (this.isOver ? count === unread.length : wasFull && !this.isFull)) this.watch();
		return unread.slice(0, count).buffer;
	}

	write(): number;
	write(data: ArrayBuffer | Uint8Array): void;
	write(data?: ArrayBuffer | Uint8Array): number | undefined {
		if (!data) return this.unsent ? 0 : room;
		if (this.isClosed || this.unsent || data.byteLength > room) throw new Error("can't write all data");
		this.unsent = data instanceof Uint8Array ? data.slice().buffer : data;
		this.flush();
		this.awaitsRoom = true;
		this.watch();
		return undefined;
	}

	close(): void {
		if (this.isClosed) throw new Error("the connection is closed");
		this.isClosed = true;
		this.callback = ignore;
		close(this.connection);
	}

	private flush(): void {
		const { unsent } = this;
		if (!unsent) return;
		const count = write(this.connection, unsent);
		this.unsent = count < unsent.byteLength ? unsent.slice(count) : undefined;
	}

	/** As much is unread as is taken from the network at once. */
	private get isFull(): boolean {
		return this.unread.length >= room;
	}

	private watch(): void {
		watch(this.connection, !this.isFull, this.awaitsRoom);
	}

	private onEvent(isWritable: boolean, error: number): void {
		if (this.isOver) this.callback(-1);
		else if (this.isOpen) {
			if (isWritable) this.onWritable();
			if (!this.isClosed) this.receive();
		} else if (error) this.callback(-2);
		else {
			this.isOpen = true;
			this.awaitsRoom = false;
			this.watch();
			this.callback(1);
		}
	}

	private onWritable(): void {
		try {
			this.flush();
		} catch {
			// Reading says so.
			this.unsent = undefined;
		}
		this.awaitsRoom = !!this.unsent;
		if (!this.unsent) this.callback(3, room);
	}

	private receive(): void {
		if (this.isFull) {
			// Also an end, which is reported once this is read.
			if (this.awaitsRoom) this.watch();
			return;
		}
		const more = read(this.connection);
		if (more?.byteLength === 0) {
			this.isOver = true;
			if (this.unread.length === 0) this.callback(-1);
			return;
		}
		if (more) {
			const { length } = this.unread;
			const all = new Uint8Array(length + more.byteLength);
			all.set(this.unread);
			all.set(new Uint8Array(more), length);
			this.unread = all;
		}
		this.watch();
		if (more) this.callback(2, this.unread.length);
	}
}

interface Incoming {
	readonly listener: Listener;
}

/** Connections to the simulator. The SDK's may report one to a listener that was closed, whose memory it has freed. */
export class Listener {
	callback: () => void = ignore;

	private readonly connection: Connection;
	private accepted: Connection | undefined;
	/** What happens to `accepted`. */
	private onEvent: OnEvent = ignore;

	constructor({ port }: { readonly port: number }) {
		this.connection = listen(port, () => this.accept());
		watch(this.connection, true, false);
	}

	take(onEvent: OnEvent): Connection {
		const { accepted } = this;
		if (!accepted) throw new Error("no connection has arrived");
		this.accepted = undefined;
		this.onEvent = onEvent;
		return accepted;
	}

	close(): void {
		this.callback = ignore;
		close(this.connection);
	}

	private accept(): void {
		watch(this.connection, true, false);
		let taken: OnEvent = ignore;
		this.accepted = accept(this.connection, (isWritable, error) => taken(isWritable, error));
		if (!this.accepted) return;
		this.callback();
		taken = this.onEvent;
	}
}

/** Bytes that are taken at once, either way, as by the SDK's socket. */
const room = 1024;

const ignore = (): void => {};

/** A host object. */
type Connection = object;

type OnEvent = (isWritable: boolean, error: number) => void;

// In tcp.c. xsc compiles exactly this form to calls of C.

function open(this: unknown, host: string, port: number, onEvent: OnEvent): Connection {
	return native("xs_dynreg_tcp_open").call(this, host, port, onEvent) as Connection;
}

function listen(this: unknown, port: number, onEvent: () => void): Connection {
	return native("xs_dynreg_tcp_listen").call(this, port, onEvent) as Connection;
}

function accept(this: unknown, listener: Connection, onEvent: OnEvent): Connection | undefined {
	return native("xs_dynreg_tcp_accept").call(this, listener, onEvent) as Connection | undefined;
}

function watch(this: unknown, connection: Connection, isForReading: boolean, isForWriting: boolean): void {
	native("xs_dynreg_tcp_watch").call(this, connection, isForReading, isForWriting);
}

function read(this: unknown, connection: Connection): ArrayBuffer | undefined {
	return native("xs_dynreg_tcp_read").call(this, connection) as ArrayBuffer | undefined;
}

function write(this: unknown, connection: Connection, data: ArrayBuffer): number {
	return native("xs_dynreg_tcp_write").call(this, connection, data) as number;
}

function close(this: unknown, connection: Connection): void {
	native("xs_dynreg_tcp_close").call(this, connection);
}
