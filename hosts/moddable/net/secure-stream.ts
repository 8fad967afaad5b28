import { random } from "dynreg/platform/sources";
import RNG from "rng";
import SecureSocket from "securesocket";
import { Socket, type Stream } from "socket";
import Timer from "timer";
import type { Trouble } from "../../../modules/core/connection-errors.js";
import { Handshake } from "../tls/handshake.js";
import type { Target } from "./endpoint.js";

/**
 * A TCP or TLS connection that knows why it failed.
 *
 * Beyond the SDK's sockets: nothing is told as connected before the server is trusted;
 * data of any size may be written; after `close` or a failure nothing is told any more;
 * an exception of the client ends its connection and not the firmware.
 */
export class Link {
	/** 1 connected, 2 readable (bytes), -2 over. */
	callback: (message: number, value?: number) => void = () => {};
	/** Why the connection failed. */
	trouble: Trouble | undefined;
	/** What the client threw. */
	cause: unknown;
	/** Bytes received so far, and how many may be. */
	received = 0;
	mostReceived = Number.POSITIVE_INFINITY;

	private socket: Stream | undefined;
	private handshake: Handshake | undefined;
	private connected = false;
	/** Bytes that are there. */
	private readable = 0;
	private waiting: Uint8Array[] = [];

	/** @param options what the SDK's MQTT client hands through to the socket that it makes */
	constructor({ secure: target }: { readonly secure: Target }) {
		const wire = new Wire({ host: target.address, port: target.port });
		const socket = target.secure ? this.secure(wire, target) : wire;
		this.socket = socket;
		socket.callback = (message, value) => {
			if (this.socket === socket) this.receive(message, value ?? 0);
		};
	}

	private secure(sock: Wire, target: Target): SecureSocket {
		// The SDK's generator for TLS is seeded once, with 16 bytes of c_rand: the same ones at each start of the simulator.
		RNG.init(random(32).buffer);
		const secure = { tls_server_name: target.host, protocolVersion: 0x303, cache: false };
		const socket = new SecureSocket({ sock, secure });
		this.handshake = new Handshake(socket.ssl, target);
		return socket;
	}

	/** @param count bytes, of those that are there to be read; default: all */
	read(type: ArrayBufferConstructor, count = this.readable): ArrayBuffer | undefined {
		return this.socket?.read(type, count);
	}

	/** @throws Error where the network takes nothing any more */
	write(data: ArrayBuffer | Uint8Array): void {
		const { socket, waiting } = this;
		if (!socket) throw new Error("the connection is closed");
		waiting.push(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
		this.flush(socket);
		let bytes = 0;
		for (let i = 0; i < waiting.length; i++) bytes += (waiting[i] as Uint8Array).length;
		if (bytes > 16384) throw new Error("the network does not take what is written");
	}

	close(): void {
		const socket = this.socket;
		if (socket === undefined) return;
		this.socket = undefined;
		this.waiting = [];
		socket.close();
	}

	/** Ends the connection for this reason and tells the client. */
	fail(trouble: Trouble, cause?: unknown): void {
		if (this.socket === undefined) return;
		this.trouble ??= trouble;
		this.cause ??= cause;
		this.close();
		this.tell(-2);
	}

	private receive(message: number, value: number): void {
		if (message < 0) this.fail(this.reason(message));
		else if (message === 1) this.accept();
		else if (message === 3) this.proceed();
		// Neither HTTP nor MQTT has a server that speaks first.
		else if (!this.connected) this.fail("bad-answer");
		else {
			this.received += value;
			this.readable = value;
			if (this.received > this.mostReceived) this.fail("answer-too-large");
			else this.tell(message, value);
		}
	}

	private accept(): void {
		if (this.handshake && !this.handshake.established) this.fail("tls-failed");
		// On a stack of its own: what the client now does would come on top of the handshake's.
		else
			Timer.set(() => {
				this.connected = true;
				this.handshake = undefined;
				if (this.socket) this.tell(1);
			});
	}

	/** The network takes more. */
	private proceed(): void {
		if (!this.connected || !this.socket) return;
		try {
			this.flush(this.socket);
		} catch (error) {
			this.fail("connection-lost", error);
		}
	}

	/** Sends what there is room for; the rest goes when the network says that it takes more. */
	private flush(socket: Stream): void {
		for (let next = this.waiting[0]; next; next = this.waiting[0]) {
			const room = socket.write();
			if (room <= 0) return;
			try {
				socket.write(next.slice(0, room).buffer);
			} catch (error) {
				// The simulator tells a refused connection as an open one; it is the first write that fails.
				this.trouble ??= this.received ? "connection-lost" : "connect-failed";
				throw error;
			}
			if (next.length > room) this.waiting[0] = next.subarray(room);
			else this.waiting.shift();
		}
	}

	private reason(message: number): Trouble {
		if (this.handshake?.trouble) return this.handshake.trouble;
		if (this.connected) return "connection-lost";
		const closed = message === -1;
		// A server that hangs up in the middle of a handshake has not refused it: that takes an alert.
		if (this.handshake?.heard) return closed && this.handshake.answered ? "connection-lost" : "tls-failed";
		return closed ? "connection-lost" : "connect-failed";
	}

	private tell(message: number, value?: number): void {
		try {
			this.callback(message, value);
		} catch (error) {
			this.fail("bad-answer", error);
		}
	}
}

/**
 * The SDK's TCP socket, as what stands on it needs it.
 *
 * - What there is no room for waits. The SDK's TLS writes each message of a handshake in one
 *   piece, a client's certificates among them, and the simulator's socket takes 1 KB at a time,
 *   an ESP8266's not much more.
 * - It is closed once the callback is over, whoever asks: the simulator frees a socket that is
 *   closed while it calls back, and goes on using it.
 */
class Wire implements Stream {
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
