import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { SessionBehaviour, TimeBehaviour } from "../contract/cases/case.js";
import { clientName } from "./client-name.js";

interface SiteState {
	/** Application bytes that reached a TLS server that no host may talk to. */
	seen(port: number): number;
	/** How many connections a server has been opened so far, and how many of them are open. */
	clients(port: number): readonly [opened: number, open: number];
	/** Ends all connections of a server. */
	cut(port: number): void;
	/** How the two time servers are to behave from now on. */
	setTimes(first: TimeBehaviour, second: TimeBehaviour): void;
	/** How the server with TLS sessions on this port is to behave from now on. */
	setSessions(port: number, behaviour: SessionBehaviour): Promise<void>;
}

/** A web site where each path misbehaves in its own way. */
export function respond(request: IncomingMessage, response: ServerResponse, state: SiteState): void {
	const { pathname, searchParams } = new URL(request.url ?? "/", "http://site");
	response.sendDate = false;
	const count = Number(searchParams.get("bytes"));
	const [, page, rest] = pathname.split("/");
	switch (page) {
		case "echo":
			echo(request, response);
			break;
		case "status":
			response.statusCode = Number(rest);
			response.end(rest === "204" ? undefined : `status ${rest}`);
			break;
		case "resumed":
			response.end(String((request.socket as TLSSocket).isSessionReused()));
			break;
		case "headers":
			response.setHeader("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT");
			response.setHeader("Date", "Tue, 20 Oct 2026 07:28:00 GMT");
			response.end("headers");
			break;
		case "empty":
			response.setHeader("Content-Length", 0);
			response.end();
			break;
		case "binary":
			response.end(Buffer.from(Array.from({ length: 256 }, (_, index) => index)));
			break;
		case "chunked":
			response.write("one, ");
			response.write("two, ");
			setTimeout(() => response.end("three"), 30);
			break;
		case "until-close":
			request.socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end");
			break;
		case "trickle":
			trickle(request, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\ndrop by drop");
			break;
		case "large":
			response.end("x".repeat(count));
			break;
		case "large-chunked":
			for (let sent = 0; sent < count; sent += 500) response.write("x".repeat(Math.min(500, count - sent)));
			response.end();
			break;
		case "redirect":
			response.statusCode = 302;
			response.setHeader("Location", "/redirected");
			response.end("elsewhere");
			break;
		case "redirected":
			response.end("here");
			break;
		case "stall":
			request.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it");
			break;
		case "cut-before":
			request.socket.end();
			break;
		case "cut-head":
			request.socket.end("HTTP/1.1 200 OK\r\nContent-Le");
			break;
		case "cut-body":
			request.socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it");
			break;
		case "cut-chunked":
			request.socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
			break;
		case "endless":
			endless(request, decodeURIComponent(rest ?? ""));
			break;
		case "raw":
			request.socket.end(decodeURIComponent(rest ?? ""));
			break;
		case "seen":
			response.end(String(state.seen(Number(searchParams.get("port")))));
			break;
		case "clients":
			response.end(state.clients(Number(searchParams.get("port"))).join(" "));
			break;
		case "cut":
			state.cut(Number(searchParams.get("port")));
			response.end("as you like");
			break;
		case "time":
			state.setTimes(searchParams.get("first") as TimeBehaviour, searchParams.get("second") as TimeBehaviour);
			response.end("as you like");
			break;
		case "sessions":
			state
				.setSessions(Number(searchParams.get("port")), searchParams.get("behaviour") as SessionBehaviour)
				.then(() => response.end("as you like"));
			break;
		case "peer":
			response.end(clientName(request.socket));
			break;
		case "connections":
			connections(request, response);
			break;
		default:
			response.statusCode = 404;
			response.end(`no such page: ${pathname}`);
	}
}

function echo(request: IncomingMessage, reply: ServerResponse): void {
	const chunks: Buffer[] = [];
	request.on("data", (chunk: Buffer) => chunks.push(chunk));
	request.on("end", () => {
		const body = Buffer.concat(chunks).toString("hex");
		reply.end(JSON.stringify({ method: request.method, path: request.url, headers: request.headers, body }));
	});
}

function trickle(request: IncomingMessage, text: string): void {
	let position = 0;
	const timer = setInterval(() => {
		request.socket.write(text.slice(position, ++position));
		if (position < text.length) return;
		clearInterval(timer);
		request.socket.end();
	}, 3);
}

/** A prefix, and then its continuation while the client reads. */
function endless(request: IncomingMessage, texts: string): void {
	const [beginning = "", again = "", pause = "0"] = texts.split("|");
	const { socket } = request;
	socket.write(beginning);
	const timer = setInterval(() => {
		if (socket.destroyed) clearInterval(timer);
		else if (socket.writableLength < 65_536) socket.write(again);
	}, Number(pause));
}

function connections(request: IncomingMessage, reply: ServerResponse): void {
	(request.socket as Socket & { server: Server }).server.getConnections((_, count) => reply.end(String(count)));
}
