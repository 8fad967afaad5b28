import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { later } from "./later.js";

export interface HttpRequest {
	readonly method: string;
	/** Without the query. */
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	/** As received. */
	readonly body: Buffer;
}

export interface HttpAnswer {
	readonly status: number;
	/** JSON; empty for 204. */
	readonly body: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** Milliseconds until it leaves. Default: none. */
	readonly delay?: number;
	/** Where something is wrong with that. */
	readonly sending?: Sending;
}

/**
 * How an answer leaves: never, with or without an end of the connection; up to its middle, and then the connection is
 * reset; or twice.
 */
export type Sending = "drop" | "silence" | "reset" | "twice";

/** Slow clients are cut off; those that keep their connection open may pause for a minute. */
export const timeouts: ServerOptions = {
	headersTimeout: 10_000,
	requestTimeout: 10_000,
	keepAliveTimeout: 60_000,
	connectionsCheckingInterval: 1_000,
};

/** Largest request body, in bytes: a certificate fits, a flood does not. */
const MAX_BODY = 16 * 1024;

/**
 * Reads a whole request, answers it, always with a Content-Length.
 *
 * @param failed hears of answers that could not be given because of a bug; the client gets a 500
 * @param reset ends a connection by RST
 */
export function listener(
	answer: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>,
	failed: (error: unknown) => void,
	reset: (socket: Socket) => void = (socket) => socket.destroy(),
): RequestListener {
	return (message, response) => {
		const chunks: Buffer[] = [];
		let size = 0;
		message.on("data", (chunk: Buffer) => {
			size += chunk.length;
			if (size <= MAX_BODY) chunks.push(chunk);
			else if (!response.headersSent) {
				send(response, { status: 413, body: problem(`the body is longer than ${MAX_BODY} bytes`) }, true);
				message.pause();
			}
		});
		message.on("end", () => {
			if (size > MAX_BODY) return;
			respond(message, Buffer.concat(chunks), response).catch(failed);
		});
	};

	async function respond(message: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
		const path = (message.url ?? "/").split("?", 1)[0] ?? "/";
		try {
			const reply = await answer({ method: message.method ?? "GET", path, headers: message.headers, body });
			if (reply.sending !== undefined) sendBadly(message.socket, response, reply, reset);
			else if (reply.delay === undefined) send(response, reply);
			else later(response, reply.delay, () => send(response, reply));
		} catch (error) {
			send(response, { status: 500, body: problem("the local cloud failed: this is a bug in it") });
			throw error;
		}
	}
}

/** The body of an error that is no platform's. */
export function problem(sentence: string): string {
	return JSON.stringify({ error: sentence });
}

function sendBadly(
	socket: Socket,
	response: ServerResponse,
	answer: HttpAnswer,
	reset: (socket: Socket) => void,
): void {
	const { status, body, sending } = answer;
	if (sending === "silence") return;
	if (sending === "drop") {
		socket.destroy();
		return;
	}
	if (sending === "reset") {
		response.writeHead(status, { "Content-Length": Buffer.byteLength(body) });
		response.write(body.slice(0, body.length / 2), () => later(response, 50, () => reset(socket)));
		return;
	}
	const whole = `HTTP/1.1 ${status} OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
	// HTTP knows no second answer to one request, nor does Node's server.
	socket.write(whole.repeat(2));
	later(response, 1000, () => socket.destroy());
}

function send(response: ServerResponse, answer: HttpAnswer, close = false): void {
	response.writeHead(answer.status, {
		...(answer.status === 204 ? {} : { "Content-Type": "application/json; charset=utf-8" }),
		...(answer.status === 204 ? {} : { "Content-Length": Buffer.byteLength(answer.body) }),
		...(close ? { Connection: "close" } : {}),
		...answer.headers,
	});
	response.end(answer.body);
}
