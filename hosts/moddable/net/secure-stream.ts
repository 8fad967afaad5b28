import { concat } from "dynreg/core/bytes";
import { Socket } from "dynreg/platform/socket";
import { random } from "dynreg/platform/system";
import RNG from "rng";
import SecureSocket from "securesocket";
import type { Stream } from "socket";
import Timer from "timer";
import type { ConnectionErrorCode } from "../../../modules/core/connection-errors.js";
import { Handshake, type TlsSession, type TlsSessions } from "../tls/handshake.js";
import type { ResolvedEndpoint } from "./endpoint.js";

/** P-256, P-384 (RFC 8422, section 5.1.1). The SDK's own list has only the first. */
const curves = Object.freeze([23, 24]);

/**
 * A TCP or TLS connection with a reason for its failure.
 *
 * Unlike the SDK's sockets, it reports `connected` only after the server is trusted, accepts writes of any size, calls
 * back no more after `close` or a failure, and closes the connection when its client throws.
 *
 * What the client writes first leaves with the last of the handshake: after a full one before the server's Finished has
 * come (RFC 7918). By then the server has signed its key exchange.
 */
export class SecureStream {
	/** 1 connected, 2 readable (bytes), -2 closed. */
	callback: (message: number, value?: number) => void = () => {};
	/** Why the connection failed. */
	errorCode: ConnectionErrorCode | undefined;
	/** The fatal TLS alert that ended the handshake. */
	alert: number | undefined;
	/** The client's exception. */
	cause: unknown;
	/** Bytes received so far, and their limit. */
	received = 0;
	maxReceived = Number.POSITIVE_INFINITY;
	/** Written bytes that the network has not taken. */
	pending: ArrayBuffer | undefined;
	/** Of this connection, to be resumed by another one. */
	session: TlsSession | undefined;
	/** Is told when the network has taken all that has been written. */
	owner?: { onSent(): void };

	private readonly tcp: BufferedSocket;
	private socket: Stream | undefined;
	private handshake: Handshake | undefined;
	private connected = false;
	/** The client may write before the server's Finished. */
	private hasBegun?: boolean;
	/** The client has written before the server's Finished. */
	private isEarly?: boolean;
	/** Available bytes. */
	private readable = 0;

	/** @param options as the SDK's MQTT client passes them to its socket */
	constructor({ secure: target }: { readonly secure: ResolvedEndpoint }) {
		const tcp = new BufferedSocket({ host: target.address, port: target.port });
		const socket = target.secure ? this.secure(tcp, target) : tcp;
		this.tcp = tcp;
		this.socket = socket;
		socket.callback = (message, value) => {
			if (this.socket === socket) this.receive(message, value ?? 0);
		};
	}

	private secure(sock: BufferedSocket, target: ResolvedEndpoint): SecureSocket {
		// The SDK seeds its TLS generator once with 16 bytes of c_rand, which are the same at each start of the simulator.
		RNG.init(random(32).buffer);
		const { host, alpn } = target;
		const secure = {
			...(alpn && { tls_application_layer_protocol_negotiation: alpn }),
			tls_server_name: host,
			protocolVersion: 0x303,
			tls_elliptic_curves: curves,
			cache: false,
		};
		const socket = new SecureSocket({ sock, secure });
		this.handshake = new Handshake(socket.ssl, target, () => {
			this.hasBegun = true;
			this.begin();
		});
		return socket;
	}

	/** @param count bytes to read; default: all available */
	read(type: ArrayBufferConstructor, count = this.readable): ArrayBuffer | undefined {
		return this.socket?.read(type, count);
	}

	/** What is written in one turn leaves together. @throws Error once closed */
	write(data: ArrayBuffer): void {
		const { pending, socket } = this;
		if (!socket) throw new Error("the connection is closed");
		this.pending = pending?.concat(data) ?? data;
		if (!pending) Timer.set(() => this.flush());
	}

	/** Reads no further from the network, or does so again. What TLS has read still comes: the rest of a record. */
	pause(isPaused: boolean): void {
		if (this.socket) this.tcp.pause(isPaused);
	}

	close(): void {
		const socket = this.socket;
		if (socket === undefined) return;
		// A server that does not take early data: the next ones get none until power-up.
		if (this.isEarly && !this.received) (globalThis as TlsSessions).dynregEarly = false;
		try {
			this.send(socket);
			this.tcp.flush();
		} catch {
			// Closed by the other side.
		}
		this.socket = undefined;
		this.pending = undefined;
		socket.close();
	}

	/** Closes the connection with this reason and notifies the client. */
	fail(errorCode: ConnectionErrorCode, cause?: unknown): void {
		if (this.socket === undefined) return;
		this.errorCode ??= errorCode;
		this.cause ??= cause;
		this.alert = this.handshake?.alert;
		this.close();
		this.notify(-2);
	}

	private receive(message: number, value: number): void {
		if (message < 0) this.fail(this.reason(message));
		else if (message === 1) this.onConnected();
		else if (message === 3) this.flush();
		// In HTTP and MQTT the client sends first.
		else if (!this.connected) this.fail("bad-answer");
		else {
			this.received += value;
			this.readable = value;
			if (this.received > this.maxReceived) this.fail("answer-too-large");
			else this.notify(message, value);
		}
	}

	private onConnected(): void {
		if (this.handshake && !this.handshake.established) this.fail("tls-failed");
		else {
			this.session = this.handshake?.next;
			if (this.hasBegun) {
				this.connected = true;
				// An alert may follow at once.
				Timer.set(() => this.complete());
			} else this.begin();
		}
	}

	private complete(): void {
		this.connected = true;
		this.handshake = undefined;
	}

	/** Has the client write. On a new stack, since the client's would come on top of the handshake's. */
	private begin(): void {
		const { tcp, handshake: before } = this;
		if (before) tcp.held++;
		Timer.set(() => {
			// Finished, or without TLS.
			if (this.session || !this.handshake) this.complete();
			const { handshake } = this;
			if (this.socket && handshake?.canWrite !== false) {
				this.notify(1);
				if (handshake && this.pending) this.isEarly = true;
				this.flush();
			}
			if (before) tcp.release();
		});
	}

	/** Writes as much as there is room for; the rest follows when there is more. */
	flush(): void {
		const { socket } = this;
		if (!socket) return;
		try {
			this.send(socket);
		} catch (error) {
			this.pending = undefined;
			// The simulator reports a refused connection as open; the first write fails.
			this.fail(this.received ? "connection-lost" : "connect-failed", error);
		}
		if (this.socket && !this.pending) this.owner?.onSent();
	}

	private send(socket: Stream): void {
		for (let { pending } = this; pending; pending = this.pending) {
			// A TLS record in a segment.
			const count = Math.min(socket.write(), 1400);
			if (count <= 0) return;
			const isLast = count >= pending.byteLength;
			this.pending = isLast ? undefined : pending.slice(count);
			socket.write(isLast ? pending : pending.slice(0, count));
		}
	}

	private reason(message: number): ConnectionErrorCode {
		if (this.handshake?.errorCode) return this.handshake.errorCode;
		if (this.connected && !this.handshake) return "connection-lost";
		const closed = message === -1;
		// Closing during the handshake is no refusal, which would be an alert.
		if (this.handshake?.receivedAny) return closed && this.handshake.serverHelloSeen ? "connection-lost" : "tls-failed";
		return closed ? "connection-lost" : "connect-failed";
	}

	private notify(message: number, value?: number): void {
		try {
			this.callback(message, value);
		} catch (error) {
			this.fail("bad-answer", error);
		}
	}
}

/**
 * The SDK's TCP socket with a write queue and safe closing.
 *
 * - Data without room is queued: the SDK's TLS writes each handshake message in one piece, client certificates included,
 *   but the simulator's socket accepts 1 KB at a time and an ESP8266's not much more.
 * - What is written in one callback leaves in one segment, as the SDK's messages of a handshake.
 * - Closing is deferred until the callback has returned: the simulator uses a socket after freeing it in its callback.
 */
class BufferedSocket implements Stream {
	callback: (message: number, value?: number) => void = () => {};

	private readonly socket: Socket;
	private pending: Uint8Array[] = [];
	private isPaused = false;
	/** While it is above 0, what is written waits for `release`. */
	held = 0;

	constructor(server: { readonly host: string; readonly port: number }) {
		this.socket = new Socket({ ...server, noDelay: true });
		this.socket.callback = (message, value) => {
			// What is not read stays where it is, and holds up what is behind it.
			if (message === 2 && this.isPaused) return;
			this.held++;
			if (message !== 3 || this.pending.length === 0) this.callback(message, value);
			this.release();
		};
	}

	pause(isPaused: boolean): void {
		this.isPaused = isPaused;
		const count = this.read();
		if (count) this.callback(2, count);
	}

	read(): number;
	read(type: ArrayBufferConstructor, limit: number | string): ArrayBuffer | undefined;
	read(type?: ArrayBufferConstructor, limit?: number | string): ArrayBuffer | number | undefined {
		return type ? this.socket.read(type, limit) : this.isPaused ? 0 : this.socket.read();
	}

	write(): number;
	write(data: ArrayBuffer | Uint8Array): void;
	write(data?: ArrayBuffer | Uint8Array): number | undefined {
		const { pending } = this;
		if (!data) {
			let room = this.socket.write();
			for (let i = 0; i < pending.length; i++) room -= (pending[i] as Uint8Array).length;
			return room;
		}
		pending.push(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
		if (!this.held) this.flush();
		return undefined;
	}

	close(): void {
		// The simulator never releases a socket that the other side has closed, nor its callback.
		this.socket.callback = ignore;
		Timer.set(() => {
			try {
				this.socket.close();
			} catch {
				// The other side has closed it.
			}
		});
	}

	release(): void {
		if (--this.held || this.pending.length === 0) return;
		try {
			this.flush();
		} catch {
			this.callback(-2);
			return;
		}
		if (this.pending.length === 0) this.callback(3, this.socket.write());
	}

	flush(): void {
		for (let { pending } = this; pending[0]; pending = this.pending) {
			const available = this.socket.write();
			if (available <= 0) return;
			// Without another copy of a large one.
			const all = pending[1] ? concat(pending) : pending[0];
			this.socket.write(all.slice(0, available).buffer);
			this.pending = all.length > available ? [all.subarray(available)] : [];
		}
	}
}

const ignore = (): void => {};
