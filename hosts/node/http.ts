import { type ClientRequest, type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import type { Clock, Http, HttpReply, HttpRequest, Milliseconds } from "dynreg/contracts/host";
import { failure } from "dynreg/core/connection-errors";
import { type Authorities, loadAuthorities } from "./authorities.js";
import { failureOf } from "./failures.js";
import { realTime, type Time } from "./time.js";
import { tlsOptions } from "./tls.js";

const phase = "register";

/**
 * @param power aborted when the board loses its power: every connection is cut, and nothing settles any more
 * @param certs folders of the host's own authorities
 * @param clock what certificates are held against
 * @param time what deadlines are measured in
 */
export function createHttp(
	power: AbortSignal,
	certs: readonly string[] | undefined,
	clock: Clock,
	time = realTime,
): Http {
	return { request: (request, deadline) => exchange(request, deadline, power, certs, clock, time) };
}

async function exchange(
	request: HttpRequest,
	deadline: Milliseconds,
	power: AbortSignal,
	certs: readonly string[] | undefined,
	clock: Clock,
	time: Time,
): Promise<HttpReply> {
	if (power.aborted) return new Promise(() => {});
	const { endpoint } = request;
	const authorities = endpoint.secure ? loadAuthorities(endpoint, phase, certs) : undefined;
	const sent = send(request, clock, authorities);
	const tooLate = failure(phase, endpoint, "timeout");
	const cancel = time.after(deadline, () => sent.destroy(tooLate));
	const cut = () => {
		cancel();
		sent.destroy();
	};
	power.addEventListener("abort", cut);
	try {
		return await read(sent, request);
	} catch (error) {
		if (power.aborted) return await new Promise(() => {});
		throw failureOf(error, phase, endpoint, authorities?.missing);
	} finally {
		cancel();
		power.removeEventListener("abort", cut);
		sent.destroy();
	}
}

function send(
	{ endpoint, method, path, headers, body }: HttpRequest,
	clock: Clock,
	authorities: Authorities | undefined,
): ClientRequest {
	const { host, port } = endpoint;
	// No agent: one request a connection.
	const options = { host, port, method, path, agent: false as const };
	const sent = authorities
		? secureRequest({ ...tlsOptions(endpoint, authorities, clock), ...options })
		: plainRequest(options);
	for (const [name, value] of headers) sent.setHeader(name, value);
	if (method === "POST") sent.setHeader("Content-Length", Buffer.byteLength(body));
	sent.end(body);
	return sent;
}

function read(sent: ClientRequest, { endpoint, maxReplyBytes }: HttpRequest): Promise<HttpReply> {
	return new Promise((resolve, reject) => {
		sent.on("error", reject);
		// Some ends of a request, an upgrade for one, are told in no other way.
		sent.once("close", () => reject(failure(phase, endpoint, "connection-lost")));
		sent.once("response", (reply: IncomingMessage) => {
			const chunks: Buffer[] = [];
			let size = 0;
			reply.on("data", (chunk: Buffer) => {
				size += chunk.length;
				if (size > maxReplyBytes) reject(failure(phase, endpoint, "answer-too-large"));
				else chunks.push(chunk);
			});
			reply.on("error", reject);
			reply.once("end", () => {
				const { date, "retry-after": retryAfter } = reply.headers;
				resolve({
					status: reply.statusCode ?? 0,
					body: new Uint8Array(Buffer.concat(chunks)),
					...(date === undefined ? {} : { date }),
					...(retryAfter === undefined ? {} : { retryAfter }),
				});
			});
		});
	});
}
