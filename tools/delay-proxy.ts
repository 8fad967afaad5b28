import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { performance } from "node:perf_hooks";

type Milliseconds = number;

/** What went over a connection, from outside: the handshake of TLS 1.2 is in plain text. */
export interface ProxiedConnection {
	/** By `performance.now()`. */
	readonly opened: Milliseconds;
	/** Undefined until the server has shown a certificate, or has changed to its keys without. */
	handshake: "full" | "resumed" | undefined;
	/** When the client waited for the server: from its first bytes, with which the opening begins, to each response that it has got. */
	readonly waits: Wait[];
	/** What has come from each side, in the order in which it came. */
	readonly segments: Segment[];
}

interface Segment {
	readonly at: Milliseconds;
	readonly from: "client" | "server";
	readonly bytes: number;
}

interface Wait {
	readonly from: Milliseconds;
	readonly to: Milliseconds;
}

/**
 * How often a client has waited for a round trip. What it waits for at the same time, on several connections, counts once.
 *
 * @param roundTrip of the proxies; long, compared with what servers take to respond
 */
export function countRoundTrips(connections: readonly ProxiedConnection[], roundTrip: Milliseconds): number {
	const waits = connections.flatMap((each) => each.waits).sort((one, other) => one.from - other.from);
	let waited = 0;
	let end = 0;
	for (const { from, to } of waits) {
		waited += Math.max(to - Math.max(from, end), 0);
		end = Math.max(end, to);
	}
	return Math.round(waited / roundTrip);
}

/** A receiver acknowledges a segment at the latest after 40 ms (Linux), if it has nothing to send itself. */
const delayedAcknowledgement: Milliseconds = 35;

/**
 * How often one side may have waited for the acknowledgement of its own last segment before it sent another one (Nagle's algorithm):
 * pauses between two segments of the same side, of a length that a delayed acknowledgement explains. The proxy delays segments only
 * after it has noted them, so its own delay makes no pause between two that follow each other. A busy machine does.
 */
export function countStalls({ segments }: Pick<ProxiedConnection, "segments">): number {
	return segments.filter((segment, index) => {
		const last = segments[index - 1];
		if (last?.from !== segment.from) return false;
		const pause = segment.at - last.at;
		return pause >= delayedAcknowledgement && pause < 2 * delayedAcknowledgement;
	}).length;
}

export interface DelayProxyOptions {
	/** Of the server, on this machine. */
	readonly port: number;
	readonly roundTrip: Milliseconds;
	/** The client has opened a connection. */
	onOpen?(connection: ProxiedConnection): void;
	/** The client sends its first application data, so its handshake is over. */
	onHandshake?(connection: ProxiedConnection): void;
}

/** RFC 5246, sections 6.2.1 and 7.4. */
const type = { changeCipherSpec: 20, handshake: 22, applicationData: 23 };
const certificateMessage = 11;

/**
 * A TCP proxy on the loopback interface that delays each direction by half a round trip, and the client's first bytes by
 * a whole one more, as opening a connection does.
 */
export class DelayProxy {
	readonly connections: ProxiedConnection[] = [];
	readonly #options: DelayProxyOptions;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();

	constructor(options: DelayProxyOptions) {
		this.#options = options;
		this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => this.#accept(client));
	}

	/** @returns the port */
	async listen(): Promise<number> {
		this.#server.listen(0, "127.0.0.1");
		await once(this.#server, "listening");
		return (this.#server.address() as AddressInfo).port;
	}

	/** Ends all connections at once. */
	cut(): void {
		for (const socket of this.#sockets) socket.destroy();
	}

	close(): void {
		this.#server.close();
		this.cut();
	}

	#accept(client: Socket): void {
		const { port, roundTrip, onOpen, onHandshake } = this.#options;
		const server = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
		const connection: ProxiedConnection = { opened: performance.now(), handshake: undefined, waits: [], segments: [] };
		this.connections.push(connection);
		onOpen?.(connection);
		for (const [one, other] of [
			[client, server],
			[server, client],
		] as const) {
			this.#sockets.add(one);
			one.on("error", () => other.destroy());
			one.on("close", () => {
				this.#sockets.delete(one);
				other.destroy();
			});
		}
		let isOver = false;
		let asked: Milliseconds | undefined;
		const fromClient = readRecords((kind) => {
			if (kind !== type.applicationData || isOver) return;
			isOver = true;
			onHandshake?.(connection);
		});
		const fromServer = readRecords((kind, message) => {
			if (connection.handshake) return;
			if (kind === type.handshake && message === certificateMessage) connection.handshake = "full";
			if (kind === type.changeCipherSpec) connection.handshake = "resumed";
		});
		relay(client, server, roundTrip / 2, connection.opened + roundTrip, (bytes) => {
			asked ??= performance.now();
			connection.segments.push({ at: performance.now(), from: "client", bytes: bytes.length });
			fromClient(bytes);
		});
		relay(server, client, roundTrip / 2, 0, (bytes) => {
			connection.segments.push({ at: performance.now(), from: "server", bytes: bytes.length });
			if (asked !== undefined) connection.waits.push({ from: asked, to: performance.now() + roundTrip / 2 });
			asked = undefined;
			fromServer(bytes);
		});
	}
}

/** @param open when the connection is, for what it sends */
function relay(
	from: Socket,
	to: Socket,
	delay: Milliseconds,
	open: Milliseconds,
	watch: (bytes: Buffer) => void,
): void {
	const later = (work: () => void): void => {
		const wait = Math.max(open - performance.now(), 0) + delay;
		if (wait > 0) setTimeout(work, wait);
		else work();
	};
	from.on("data", (bytes: Buffer) => {
		watch(bytes);
		later(() => to.write(bytes));
	});
	from.on("end", () => later(() => to.end()));
}

/** @param onRecord with the type of each record, and of its first message while these are in plain text */
function readRecords(onRecord: (kind: number, message: number) => void): (bytes: Buffer) => void {
	let rest: Buffer = Buffer.alloc(0);
	return (bytes) => {
		rest = Buffer.concat([rest, bytes]);
		while (rest.length >= 6 && rest.length >= 5 + rest.readUInt16BE(3)) {
			onRecord(rest.readUInt8(0), rest.readUInt8(5));
			rest = rest.subarray(5 + rest.readUInt16BE(3));
		}
	};
}
