import { createSocket, type Socket } from "node:dgram";
import { explainListenError, type Listener } from "./listen.js";

/** How the time server deviates from this computer's clock. */
export interface ServedTime {
	/** Seconds that it is ahead. */
	readonly offset: number;
	/** It answers no query. */
	readonly silent: boolean;
}

/** Seconds from 1900, where NTP begins to count, to 1970. */
const ntpEpoch = -Date.UTC(1900, 0, 1) / 1000;
/** Bytes of a packet without extensions. */
const packetSize = 48;

/** Serves this computer's time over SNTP (RFC 5905, section 14). */
export class SntpServer implements Listener {
	/** From the next query on. */
	time: ServedTime = { offset: 0, silent: false };
	readonly #host: string;
	#port: number;
	#socket: Socket | undefined;

	/** @param port 0 for any */
	constructor(host: string, port: number) {
		this.#host = host;
		this.#port = port;
	}

	get port(): number {
		return this.#port;
	}

	async start(): Promise<void> {
		if (this.#socket) return;
		const socket = createSocket("udp4");
		socket.on("message", (query, { port, address }) => {
			if (this.time.silent) return;
			const response = sntpResponse(query, Date.now() + this.time.offset * 1000);
			// A client that is gone by then needs no response: errors are ignored.
			if (response) socket.send(response, port, address, () => {});
		});
		await bindUdp(socket, this.#host, this.#port);
		this.#port = socket.address().port;
		this.#socket = socket;
	}

	async stop(): Promise<void> {
		const socket = this.#socket;
		this.#socket = undefined;
		if (socket) await new Promise<void>((resolve) => socket.close(resolve));
	}
}

/** @param port 0 for any. @throws Error if it is taken or forbidden */
export async function bindUdp(socket: Socket, host: string, port: number): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		socket.once("error", (error) =>
			reject(new Error(`Cannot listen for SNTP on ${host}:${port}: ${explainListenError(error)}`, { cause: error })),
		);
		socket.bind(port, host, resolve);
	});
}

/**
 * @param now UTC in milliseconds since 1970; NTP's seconds begin anew in 2036
 * @returns a server's response; undefined if the packet is not a client's query
 */
export function sntpResponse(query: Buffer, now: number): Buffer | undefined {
	const [flags = 0, , poll = 0] = query;
	const mode = flags & 7;
	if (query.length < packetSize || mode !== 3) return undefined;
	const response = Buffer.alloc(packetSize);
	// The client's version, mode 4; stratum 1; precision 2^-10 s.
	response[0] = (flags & 0x38) | 4;
	response[1] = 1;
	response[2] = poll;
	response[3] = 0xf6;
	response.write("LOCL", 12, "latin1");
	writeTimestamp(response, 16, now);
	query.copy(response, 24, 40, packetSize);
	writeTimestamp(response, 32, now);
	writeTimestamp(response, 40, now);
	return response;
}

function writeTimestamp(packet: Buffer, position: number, time: number): void {
	const seconds = Math.floor(time / 1000);
	packet.writeUInt32BE((seconds + ntpEpoch) >>> 0, position);
	packet.writeUInt32BE(Math.floor((time - seconds * 1000) * 4_294_967.296), position + 4);
}
