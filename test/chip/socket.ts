/**
 * `socket` as it behaves on a chip, over the simulator's. Each difference is that of the SDK's
 * modules/network/socket/lwip/modSocket.c (8.2.3); the functions named below are in that file.
 *
 * Not imitated: a closed TCP window (what comes while nothing is read waits here, in memory without end), lwip's
 * memory and its retransmissions, `suspend`, `Listener`.
 */

import { chip } from "dynreg-test/chip/chip";
import { lookUp } from "dynreg-test/chip/lookup";
import { Listener, Socket as SimulatorSocket } from "simulator/socket";
import Timer from "timer";

export { Listener };

interface Options {
	readonly kind?: "TCP" | "UDP";
	readonly host?: string;
	readonly address?: string;
	readonly port?: number;
	readonly noDelay?: boolean;
}

interface Packet {
	readonly bytes: Uint8Array;
	readonly from?: readonly [address: string, port: number];
}

type Message = "connect" | "receive" | "sent" | "disconnect" | "error";

/** Of an Ethernet or Wi-Fi frame's TCP payload. */
const segmentBytes = 1460;
/** `kReadQueueLength`. */
const readQueue = 6;
/** `tcp_sndbuf` of an ESP8266: two segments. */
const sendBuffer = 2920;
/** Milliseconds that one collects before it counts as what has arrived at once. The simulator reads 1 KB each 20 ms. */
const gathering = 25;
const simulatorReads = 1024;

/** Bytes of one segment after the other; `line`: up to the end of a line, where there is one. */
const segments = ["line", 1, segmentBytes, 1, 1, "line", 536, 3, segmentBytes, "line", 7] as const;

/** `modMessagePostToMachine`: messages are done one after the other, and promise jobs once there is none left. */
const post = (message: () => void): void => {
	if (chip().messages.push(message) === 1) Timer.set(service);
};

const service = (): void => {
	const { messages } = chip();
	try {
		for (let next = messages[0]; next; next = messages[0]) {
			next();
			messages.shift();
		}
	} finally {
		// One that throws is over, and what is behind it comes all the same.
		if (messages.length > 0 && messages.shift() && messages.length > 0) Timer.set(service);
	}
};

export class Socket {
	static readonly connected = 1;
	static readonly readable = 2;
	static readonly writable = 3;
	static readonly disconnected = -1;
	static readonly error = -2;

	callback!: (message: number, ...values: readonly unknown[]) => void;

	private readonly isUdp: boolean;
	private simulated: SimulatorSocket | undefined;
	/** `constructed` and not closed. */
	private isOpen = true;
	private pending: Message[] = [];
	/** What the network has, and has not been cut into segments. */
	private arrived = new Uint8Array(0);
	private gather: Timer | undefined;
	/** `reader`, and what a chip would have the sender keep. */
	private queue: Packet[] = [];
	/** `buf`, `bufpos`, `buflen` */
	private packet: Packet | undefined;
	private position = 0;
	private disconnectedWhileReading = false;
	private unsent = 0;
	private isOver = false;
	private cut = 0;

	/** `xs_socket` */
	constructor(options: Options) {
		this.isUdp = options.kind === "UDP";
		if (this.isUdp) this.openUdp();
		else {
			const host = options.host ?? options.address;
			if (host === undefined) throw new Error("invalid dictionary");
			// Beside what `Net.resolve` looks up: `dns_gethostbyname_safe` has a table of its own.
			lookUp(host, (address) => {
				if (!this.isOpen) return;
				// `didFindDNS`
				if (address === undefined) this.setPending("error");
				else this.connect(address, options.port ?? 0);
			});
		}
	}

	/** `xs_socket_read`: throws where the simulator's returns undefined. */
	read(type?: unknown, limit?: number | string): unknown {
		if (!this.isOpen) throw new Error("read on closed socket");
		const { packet, position } = this;
		const left = packet ? packet.bytes.length - position : 0;
		if (left <= 0) {
			if (type === undefined) return 0;
			throw new Error("nothing to read");
		}
		if (type === undefined) return left;
		const rest = (packet as Packet).bytes.subarray(position);
		let count = left;
		// Into 16 bits without a sign.
		if (typeof limit === "number") count = Math.min(count, limit & 0xffff);
		else if (limit) {
			const end = rest.indexOf(limit.charCodeAt(0));
			if (end >= 0) count = end + 1;
		}
		if (type === Number) count = 1;
		const taken = rest.slice(0, count).buffer;
		this.position += count;
		if (count === left) this.finish();
		if (type === null) return count;
		if (type === Number) return new Uint8Array(taken)[0];
		if (type === String) return String.fromArrayBuffer(taken);
		if (type === ArrayBuffer) return taken;
		throw new Error("unsupported output type");
	}

	/** `xs_socket_write`: no error but too much of it, and none of a connection that is gone. */
	write(...data: readonly (string | number | ArrayBuffer | Uint8Array)[]): number | undefined {
		if (!this.isOpen) throw new Error("no instance");
		if (this.isUdp) {
			this.simulated?.write(...data);
			return undefined;
		}
		if (this.isOver || this.pending.indexOf("error") >= 0 || this.pending.indexOf("disconnect") >= 0) {
			if (data.length === 0) return 0;
			trace("write on closed socket\n");
			return undefined;
		}
		const room = sendBuffer - this.unsent;
		if (data.length === 0) return room;
		const buffers = data.map(bytesOf);
		const needed = buffers.reduce((sum, { length }) => sum + length, 0);
		if (needed > room) throw new Error("can't write all data");
		this.unsent += needed;
		for (const bytes of buffers) this.send(bytes);
		return undefined;
	}

	/** `xs_socket_close`: closing again is no error, and nothing is called back any more. */
	close(): void {
		if (!this.isOpen) return;
		this.isOpen = false;
		this.pending = [];
		if (this.gather) Timer.clear(this.gather);
		this.drop();
	}

	get(name: string): string | undefined {
		return this.simulated?.get(name);
	}

	private connect(host: string, port: number): void {
		const simulated = new SimulatorSocket({ host, port, noDelay: true });
		this.simulated = simulated;
		simulated.callback = (message, count = 0) => {
			if (message === 1) {
				try {
					// A refused connection is open to the simulator. `didError`
					simulated.write(new ArrayBuffer(0));
					this.setPending("connect");
				} catch {
					this.end("error");
				}
			} else if (message === 2) this.arrive(new Uint8Array(simulated.read(ArrayBuffer) ?? new ArrayBuffer(0)), count);
			else if (message === 3) this.sent();
			else this.end("disconnect");
		};
	}

	/** An empty datagram ends the simulator's socket, and is a message of 0 bytes on a chip: `didReceiveUDP`. */
	private openUdp(): void {
		const simulated = new SimulatorSocket({ kind: "UDP" });
		this.simulated = simulated;
		simulated.callback = (message, _count, ...from) => {
			if (!this.isOpen) return;
			let bytes = new Uint8Array(0);
			if (message === 2) bytes = new Uint8Array(simulated.read(ArrayBuffer) ?? new ArrayBuffer(0));
			else if (message === -1) this.openUdp();
			else return;
			const [address = "127.0.0.1", port = 0] = from as [string?, number?];
			// All full: the earliest one is tossed.
			if (this.queue.length === readQueue) this.queue.shift();
			this.queue.push({ bytes, from: [address, port] });
			this.setPending("receive");
		};
	}

	/** `didReceive`, once it is known what comes at the same time. */
	private arrive(bytes: Uint8Array, count: number): void {
		const all = new Uint8Array(this.arrived.length + bytes.length);
		all.set(this.arrived);
		all.set(bytes, this.arrived.length);
		this.arrived = all;
		if (this.gather) Timer.clear(this.gather);
		// A sender without end must not put it off for ever: a chip's queue is full, and it is read.
		const isFull = all.length >= readQueue * segmentBytes;
		const isMore = count === simulatorReads;
		this.gather = Timer.set(() => this.deliver(), isFull ? 0 : isMore ? 2 * gathering : gathering);
	}

	private deliver(): void {
		this.gather = undefined;
		while (this.arrived.length > 0) {
			const count = this.nextCut();
			this.queue.push({ bytes: this.arrived.slice(0, count) });
			this.arrived = this.arrived.slice(count);
		}
		this.setPending("receive");
		if (this.isOver) this.tellEnd();
	}

	private nextCut(): number {
		const next = segments[this.cut++ % segments.length] as (typeof segments)[number];
		const most = Math.min(this.arrived.length, segmentBytes);
		const end = next === "line" ? this.arrived.indexOf(10) + 1 : next;
		return Math.min(end || most, most);
	}

	/** The end of `xs_socket_read`: all of a packet has been read. */
	private finish(): void {
		this.packet = undefined;
		this.position = 0;
		if (this.queue.length > 0) this.setPending("receive");
		else if (this.disconnectedWhileReading) this.setPending("disconnect");
	}

	private end(how: "disconnect" | "error"): void {
		this.isOver = true;
		this.drop();
		if (how === "error") this.setPending("error");
		else if (!this.gather) this.tellEnd();
	}

	private tellEnd(): void {
		if (this.queue.length > 0 || this.packet) this.disconnectedWhileReading = true;
		else this.setPending("disconnect");
	}

	/** `tcp_write_safe`, 1 KB at a time, as the simulator takes it. */
	private send(bytes: Uint8Array): void {
		try {
			for (let start = 0; start < bytes.length; start += simulatorReads)
				this.simulated?.write(bytes.slice(start, start + simulatorReads).buffer);
		} catch {
			this.end("error");
		}
	}

	/** `didSend` */
	private sent(): void {
		if (this.unsent === 0) return;
		this.unsent = 0;
		this.setPending("sent");
	}

	/** Not while it calls back: the simulator frees it at once, and goes on using it. */
	private drop(): void {
		const { simulated } = this;
		this.simulated = undefined;
		if (!simulated) return;
		simulated.callback = () => {};
		Timer.set(() => {
			try {
				simulated.close();
			} catch {
				// Closed by the other side.
			}
		});
	}

	/** `socketSetPending` */
	private setPending(message: Message): void {
		if (!this.isOpen || this.pending.indexOf(message) >= 0) return;
		if (this.pending.push(message) === 1) post(() => this.clearPending());
	}

	/** `socketClearPending`: what is pending, in this order. */
	private clearPending(): void {
		const { pending } = this;
		this.pending = [];
		const does = (message: Message) => this.isOpen && pending.indexOf(message) >= 0;
		if (does("connect")) this.callback(1);
		if (does("receive")) this.receive();
		if (does("sent")) this.callback(3, sendBuffer - this.unsent);
		if (does("disconnect")) this.callback(-1);
		if (does("error")) this.callback(-2);
	}

	/** `socketMsgDataReceived` */
	private receive(): void {
		// The current one has not been read to its end: nothing is told of the next.
		if (this.packet && this.position < this.packet.bytes.length) return;
		const packet = this.queue.shift();
		if (!packet) return;
		this.packet = packet;
		this.position = 0;
		this.callback(2, packet.bytes.length, ...(packet.from ?? []));
	}
}

const bytesOf = (data: string | number | ArrayBuffer | Uint8Array): Uint8Array => {
	if (typeof data === "string") return new Uint8Array(ArrayBuffer.fromString(data));
	if (typeof data === "number") return Uint8Array.of(data);
	return data instanceof ArrayBuffer ? new Uint8Array(data) : data.slice();
};

export default Object.freeze({ Socket, Listener });
