import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { realTime, type Timers } from "../server/timers.js";

export interface HttpRequest {
	readonly method: string;
	/** Without the query. */
	readonly path: string;
	/** Without its question mark; empty if there is none. */
	readonly query: string;
	readonly headers: IncomingHttpHeaders;
	/** As received. */
	readonly body: Buffer;
}

export interface HttpResponse {
	readonly status: number;
	/** JSON unless the headers say otherwise; empty for 204. */
	readonly body: string | Buffer;
	readonly headers?: Readonly<Record<string, string>>;
	/** Milliseconds of board time until the response leaves. Default: none. */
	readonly delay?: number;
	/** A fault while sending. */
	readonly sendFault?: SendFault;
	/** Writes the body in place of `body`, after the head, until the connection ends. */
	stream?(response: ServerResponse): void;
}

/**
 * `drop`: the connection ends without a response; `silence`: it stays without a response; `reset`: it is reset after
 * half of the response; `twice`: the response is sent twice.
 */
export type SendFault = "drop" | "silence" | "reset" | "twice";

/** Milliseconds. A slow request is cut off; a kept-alive connection may be idle for a minute. */
export const httpTimeouts: ServerOptions = {
	headersTimeout: 10_000,
	requestTimeout: 10_000,
	keepAliveTimeout: 60_000,
	connectionsCheckingInterval: 1_000,
};

/** Bytes of a request body: enough for a certificate. */
const maxBodySize = 16 * 1024;

export interface RequestListenerOptions {
	readonly timers: Timers;
	/** Called with errors that are bugs; the client gets a 500. */
	readonly onBug: (error: unknown) => void;
	/** Ends a connection by RST. Default: without. */
	readonly reset?: (socket: Socket) => void;
}

/** Reads whole requests. Responses always have a Content-Length. */
export function requestListener(
	respond: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>,
	{ timers, onBug, reset = (socket) => socket.destroy() }: RequestListenerOptions,
): RequestListener {
	return (message, response) => {
		const chunks: Buffer[] = [];
		let size = 0;
		message.on("data", (chunk: Buffer) => {
			size += chunk.length;
			if (size <= maxBodySize) chunks.push(chunk);
			else if (!response.headersSent) {
				send(response, { status: 413, body: errorBody(`The body is longer than ${maxBodySize} bytes.`) }, true);
				message.pause();
			}
		});
		message.on("end", () => {
			if (size > maxBodySize) return;
			handle(message, Buffer.concat(chunks), response).catch(onBug);
		});
	};

	async function handle(message: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
		const [, path = "/", query = ""] = /^([^?]*)\??(.*)$/s.exec(message.url ?? "/") ?? [];
		try {
			const result = await respond({ method: message.method ?? "GET", path, query, headers: message.headers, body });
			if (result.stream) {
				response.writeHead(result.status, result.headers);
				result.stream(response);
			} else if (result.sendFault !== undefined) sendWithFault(message.socket, response, result);
			else if (result.delay === undefined) send(response, result);
			else timers.later(response, result.delay, () => send(response, result));
		} catch (error) {
			send(response, {
				status: 500,
				body: errorBody("The local cloud failed. Report this defect of the local cloud."),
			});
			throw error;
		}
	}

	function sendWithFault(
		socket: Socket,
		response: ServerResponse,
		{ status, body: whole, sendFault }: HttpResponse,
	): void {
		const body = String(whole);
		const length = Buffer.byteLength(body);
		switch (sendFault) {
			case "drop":
				socket.destroy();
				break;
			case "reset":
				response.writeHead(status, { "Content-Length": length });
				// The first half must arrive before the reset, which discards what is still to be sent.
				response.write(body.slice(0, body.length / 2), () => realTime.later(response, 50, () => reset(socket)));
				break;
			case "twice": {
				const one = `HTTP/1.1 ${status} OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;
				// Written to the socket, as Node's server sends one response to a request.
				socket.write(one.repeat(2));
				timers.later(response, 1000, () => socket.destroy());
			}
		}
	}
}

/** The body of an error response of the local cloud's own. */
export function errorBody(sentence: string): string {
	return JSON.stringify({ error: sentence });
}

function send(response: ServerResponse, result: HttpResponse, close = false): void {
	response.writeHead(result.status, {
		...(result.status === 204 ? {} : { "Content-Type": "application/json; charset=utf-8" }),
		...(result.status === 204 ? {} : { "Content-Length": Buffer.byteLength(result.body) }),
		...(close ? { Connection: "close" } : {}),
		...result.headers,
	});
	response.end(result.body);
}
