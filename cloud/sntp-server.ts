import { createSocket, type Socket } from "node:dgram";
import { whyNot } from "./listening.js";

export interface SntpServerOptions {
	readonly host: string;
	/** 0 for any. */
	readonly port: number;
	/** Milliseconds by which its clock is wrong, asked for with each query. */
	readonly offset?: () => number;
	/** Whether it leaves queries unanswered, asked for with each. */
	readonly silent?: () => boolean;
}

export interface SntpServer {
	readonly port: number;
	close(): Promise<void>;
}

/** Seconds from 1900, where NTP begins to count, to 1970. */
const EPOCH = 2_208_988_800;
/** Bytes of a packet without extensions. */
const SIZE = 48;

/**
 * Tells the time of this computer (RFC 5905, section 14).
 *
 * @throws Error if the port is taken or forbidden
 */
export async function startSntpServer(options: SntpServerOptions): Promise<SntpServer> {
	const { host, offset = () => 0, silent = () => false } = options;
	const socket = createSocket("udp4");
	socket.on("message", (query, { port, address }) => {
		if (silent()) return;
		const answer = answerTo(query, Date.now() + offset());
		// Whoever is gone by then is not waiting either.
		if (answer) socket.send(answer, port, address, () => {});
	});
	await bind(socket, host, options.port);
	let closed: Promise<void> | undefined;
	return {
		port: socket.address().port,
		close() {
			closed ??= new Promise((resolve) => socket.close(resolve));
			return closed;
		},
	};
}

/** @param port 0 for any. @throws Error if it is taken or forbidden */
export async function bind(socket: Socket, host: string, port: number): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		socket.once("error", (error) =>
			reject(new Error(`cannot listen for SNTP on ${host}:${port}: ${whyNot(error)}`, { cause: error })),
		);
		socket.bind(port, host, resolve);
	});
}

/**
 * A server's answer, or undefined to what is no client's query.
 *
 * @param now UTC in milliseconds since 1970; NTP's seconds begin anew in 2036
 */
export function answerTo(query: Buffer, now: number): Buffer | undefined {
	const [flags = 0, , poll = 0] = query;
	const mode = flags & 7;
	if (query.length < SIZE || mode !== 3) return undefined;
	const answer = Buffer.alloc(SIZE);
	// The client's version, mode 4; stratum 1; precision 2^-10 s.
	answer[0] = (flags & 0x38) | 4;
	answer[1] = 1;
	answer[2] = poll;
	answer[3] = 0xf6;
	answer.write("LOCL", 12, "latin1");
	writeTimestamp(answer, 16, now);
	query.copy(answer, 24, 40, SIZE);
	writeTimestamp(answer, 32, now);
	writeTimestamp(answer, 40, now);
	return answer;
}

function writeTimestamp(packet: Buffer, position: number, time: number): void {
	const seconds = Math.floor(time / 1000);
	packet.writeUInt32BE((seconds + EPOCH) >>> 0, position);
	packet.writeUInt32BE(Math.floor((time - seconds * 1000) * 4_294_967.296), position + 4);
}
