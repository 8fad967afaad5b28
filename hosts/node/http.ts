import { type ClientRequest, type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import type { TLSSocket } from "node:tls";
import type { Clock, Http, HttpRequest, HttpResponse, Milliseconds } from "dynreg/contracts/host";
import { connectionError } from "dynreg/core/connection-errors";
import { type Authorities, loadAuthorities } from "./authorities.js";
import { toFailure } from "./node-errors.js";
import { realTime, type TimeSource } from "./time-source.js";
import { tlsOptions, verifyServer } from "./tls.js";
import { TlsSessions, type TlsSessionUse } from "./tls-sessions.js";

const phase = "register";

/**
 * @param power aborted when the power is cut: connections are destroyed, and no promise settles any more
 * @param certs folders of private trust anchors
 * @param clock for certificate dates
 * @param time of deadlines
 * @param sessions of the board
 */
export function createHttp(
	power: AbortSignal,
	certs: readonly string[] | undefined,
	clock: Clock,
	time = realTime,
	sessions = new TlsSessions(clock),
): Http {
	return { request: (request, deadline) => exchange(request, deadline, power, certs, clock, time, sessions) };
}

async function exchange(
	request: HttpRequest,
	deadline: Milliseconds,
	power: AbortSignal,
	certs: readonly string[] | undefined,
	clock: Clock,
	time: TimeSource,
	sessions: TlsSessions,
): Promise<HttpResponse> {
	if (power.aborted) return new Promise(() => {});
	const { endpoint } = request;
	const authorities = endpoint.secure ? loadAuthorities(endpoint, phase, certs) : undefined;
	const session = authorities && sessions.begin(endpoint, authorities);
	const clientRequest = send(request, clock, authorities, session);
	let accept = () => {};
	clientRequest.once("response", ({ socket }) => {
		if (session) accept = session.accept(socket as TLSSocket);
	});
	const timeoutError = connectionError(phase, endpoint, "timeout");
	const cancel = time.after(deadline, () => clientRequest.destroy(timeoutError));
	const onPowerOff = () => {
		cancel();
		clientRequest.destroy();
	};
	power.addEventListener("abort", onPowerOff);
	try {
		const response = await read(clientRequest, request);
		accept();
		return response;
	} catch (error) {
		if (power.aborted) return await new Promise(() => {});
		throw toFailure(error, phase, endpoint, authorities?.missing);
	} finally {
		cancel();
		power.removeEventListener("abort", onPowerOff);
		clientRequest.destroy();
	}
}

function send(
	{ endpoint, method, path, headers, body }: HttpRequest,
	clock: Clock,
	authorities: Authorities | undefined,
	session: TlsSessionUse | undefined,
): ClientRequest {
	const { host, port } = endpoint;
	// Without an agent, each request has its own connection.
	const options = { host, port, method, path, agent: false as const };
	const clientRequest = authorities
		? secureRequest({ ...tlsOptions(endpoint), ...session?.options, ...options })
		: plainRequest(options);
	for (const [name, value] of headers) clientRequest.setHeader(name, value);
	if (method !== "GET") clientRequest.setHeader("Content-Length", Buffer.byteLength(body));
	if (authorities === undefined) clientRequest.end(body);
	else
		clientRequest.once("socket", (socket) => {
			const tls = socket as TLSSocket;
			session?.watch(tls);
			tls.once("secureConnect", () => {
				// Who has a session's keys has been verified with its full handshake.
				if (tls.isSessionReused()) return clientRequest.end(body);
				const { problem, until } = verifyServer(tls, endpoint, authorities, clock);
				if (problem)
					return clientRequest.destroy(connectionError(phase, endpoint, problem, undefined, authorities.missing));
				session?.trust(until);
				return clientRequest.end(body);
			});
		});
	return clientRequest;
}

function read(clientRequest: ClientRequest, { endpoint, maxResponseBytes }: HttpRequest): Promise<HttpResponse> {
	return new Promise((resolve, reject) => {
		clientRequest.on("error", reject);
		// Some ends of a request, for example an upgrade, cause no other event.
		clientRequest.once("close", () => reject(connectionError(phase, endpoint, "connection-lost")));
		clientRequest.once("response", (response: IncomingMessage) => {
			const chunks: Buffer[] = [];
			let size = 0;
			response.on("data", (chunk: Buffer) => {
				size += chunk.length;
				if (size > maxResponseBytes) reject(connectionError(phase, endpoint, "answer-too-large"));
				else chunks.push(chunk);
			});
			response.on("error", reject);
			response.once("end", () => {
				const { date, "retry-after": retryAfter } = response.headers;
				resolve({
					status: response.statusCode ?? 0,
					body: new Uint8Array(Buffer.concat(chunks)),
					...(date === undefined ? {} : { date }),
					...(retryAfter === undefined ? {} : { retryAfter }),
				});
			});
		});
	});
}
