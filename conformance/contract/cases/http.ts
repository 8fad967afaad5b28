import type { Host, HttpRequest } from "dynreg/contracts/host";
import type { Case } from "./case.js";
import { equal, fails, holds } from "./expect.js";
import { frozen } from "./frozen.js";
import { jumping, jumps } from "./jumping.js";
import { get, plain, secure, text } from "./requests.js";

const deadline = 5000;
/** Short, where running into it is the point. */
const impatient = 700;

/** What `/echo` answers: the request as it arrived. */
interface Echo {
	readonly method: string;
	readonly path: string;
	readonly headers: Readonly<Record<string, string>>;
	/** Hexadecimal. */
	readonly body: string;
}

export const http: readonly Case[] = frozen([
	{
		name: "http: method, path, headers and body arrive exactly",
		async run(host, servers) {
			const body = '{"ProductId":"P","DeviceName":"d-1"}';
			const echo = await echoed(host, {
				...get(plain(servers), "/echo?a=b%20c&d"),
				method: "POST",
				headers: [
					["Content-Type", "application/json; charset=utf-8"],
					["X-TC-Nonce", "1291669616"],
					["Accept", "text/xml,application/json;*/*"],
				],
				body,
			});
			equal(echo.method, "POST", "method");
			equal(echo.path, "/echo?a=b%20c&d", "path");
			equal(echo.headers["content-type"], "application/json; charset=utf-8", "Content-Type");
			equal(echo.headers["x-tc-nonce"], "1291669616", "X-TC-Nonce");
			equal(echo.headers.accept, "text/xml,application/json;*/*", "Accept");
			equal(echo.headers["content-length"], String(body.length), "Content-Length");
			equal(echo.body, host.crypto.hex(host.crypto.utf8(body)), "body");
		},
	},
	{
		name: "http: GET has no body",
		async run(host, servers) {
			const echo = await echoed(host, get(plain(servers), "/echo"));
			equal(echo.method, "GET", "method");
			equal(echo.body, "", "body");
			equal(echo.headers.host, `${servers.name}:${servers.http}`, "Host");
		},
	},
	{
		name: "http: Content-Length counts bytes, not characters",
		async run(host, servers) {
			const body = "设备 ü 😀";
			const echo = await echoed(host, { ...get(plain(servers), "/echo"), method: "POST", body });
			equal(echo.headers["content-length"], String(host.crypto.utf8(body).length), "Content-Length");
			equal(echo.body, host.crypto.hex(host.crypto.utf8(body)), "body");
		},
	},
	{
		name: "http: the server may be named by its address",
		async run(host, servers) {
			const endpoint = { ...plain(servers), host: servers.address };
			equal((await host.http.request(get(endpoint, "/echo"), deadline)).status, 200, "status");
		},
	},
	{
		name: "http: status and body of an error answer are a reply",
		async run(host, servers) {
			for (const status of [400, 404, 500, 503]) {
				const reply = await host.http.request(get(plain(servers), `/status/${status}`), deadline);
				equal(reply.status, status, "status");
				equal(host.crypto.text(reply.body), `status ${status}`, "body");
			}
		},
	},
	{
		name: "http: Retry-After and Date come as sent",
		async run(host, servers) {
			const reply = await host.http.request(get(plain(servers), "/headers"), deadline);
			equal(reply.retryAfter, "Wed, 21 Oct 2026 07:28:00 GMT", "retryAfter");
			equal(reply.date, "Tue, 20 Oct 2026 07:28:00 GMT", "date");
		},
	},
	{
		name: "http: without these headers the reply has none",
		async run(host, servers) {
			const reply = await host.http.request(get(plain(servers), "/empty"), deadline);
			equal(reply.retryAfter, undefined, "retryAfter");
			equal(reply.date, undefined, "date");
		},
	},
	{
		name: "http: an empty body is no bytes",
		async run(host, servers) {
			for (const path of ["/empty", "/status/204"])
				equal((await host.http.request(get(plain(servers), path), deadline)).body.length, 0, `body of ${path}`);
		},
	},
	{
		name: "http: a chunked body is put together",
		async run(host, servers) {
			equal(await text(host, plain(servers), "/chunked"), "one, two, three", "body");
		},
	},
	{
		name: "http: a body that ends with the connection is whole",
		async run(host, servers) {
			equal(await text(host, plain(servers), "/until-close"), "until the end", "body");
		},
	},
	{
		name: "http: a reply in single bytes is put together",
		async run(host, servers) {
			equal(await text(host, plain(servers), "/trickle"), "drop by drop", "body");
		},
	},
	{
		name: "http: a binary body comes unchanged",
		async run(host, servers) {
			const { body } = await host.http.request(get(plain(servers), "/binary"), deadline);
			equal(body.length, 256, "length");
			for (let index = 0; index < 256; index++) equal(body[index], index, `byte ${index}`);
		},
	},
	{
		name: "http: a body of exactly maxReplyBytes is taken",
		async run(host, servers) {
			for (const path of ["/large?bytes=1000", "/large-chunked?bytes=1000"]) {
				const reply = await host.http.request({ ...get(plain(servers), path), maxReplyBytes: 1000 }, deadline);
				equal(reply.body.length, 1000, `body of ${path}`);
			}
		},
	},
	{
		name: "http: a longer body is cut off with answer-too-large",
		async run(host, servers) {
			for (const path of ["/large?bytes=1001", "/large-chunked?bytes=1001", "/large-chunked?bytes=60000"]) {
				const request = { ...get(plain(servers), path), maxReplyBytes: 1000 };
				await fails(() => host.http.request(request, deadline), "register", "answer-too-large");
			}
		},
	},
	{
		name: "http: a redirect is a reply, not followed",
		async run(host, servers) {
			const reply = await host.http.request(get(plain(servers), "/redirect"), deadline);
			equal(reply.status, 302, "status");
			equal(host.crypto.text(reply.body), "elsewhere", "body");
		},
	},
	{
		name: "http: a server that never answers is a timeout, in time",
		async run(host, servers) {
			for (const endpoint of [
				{ ...plain(servers), port: servers.silent },
				{ ...secure(servers), port: servers.silent },
			])
				await late(host, () => host.http.request(get(endpoint, "/"), impatient));
		},
	},
	{
		name: "http: a deadline is kept while the clock jumps by years",
		async run(host, servers) {
			const endpoint = { ...plain(servers), port: servers.silent };
			for (const years of jumps)
				await jumping(host, years, () => late(host, () => host.http.request(get(endpoint, "/"), impatient)));
		},
	},
	{
		name: "http: the deadline holds for the body too",
		async run(host, servers) {
			await late(host, () => host.http.request(get(plain(servers), "/stall"), impatient));
		},
	},
	{
		name: "http: a port where nobody listens is connect-failed",
		async run(host, servers) {
			for (const endpoint of [
				{ ...plain(servers), port: servers.closed },
				{ ...secure(servers), port: servers.closed },
			])
				await fails(() => host.http.request(get(endpoint, "/"), deadline), "register", "connect-failed");
		},
	},
	{
		name: "http: a name that does not exist is dns-failed",
		async run(host, servers) {
			const endpoint = { ...plain(servers), host: "nonexistent.invalid" };
			await fails(() => host.http.request(get(endpoint, "/"), 15000), "register", "dns-failed");
		},
	},
	{
		name: "http: a connection cut before or in the answer is connection-lost",
		async run(host, servers) {
			for (const path of ["/cut-before", "/cut-head", "/cut-body", "/cut-chunked"])
				await fails(() => host.http.request(get(plain(servers), path), deadline), "register", "connection-lost");
		},
	},
	{
		name: "http: no connection is left open, after a reply or a failure",
		async run(host, servers) {
			await host.http.request(get(plain(servers), "/echo"), deadline);
			await late(host, () => host.http.request(get(plain(servers), "/stall"), impatient));
			const request = { ...get(plain(servers), "/large-chunked?bytes=60000"), maxReplyBytes: 10 };
			await fails(() => host.http.request(request, deadline), "register", "answer-too-large");
			await host.timers.sleep(200);
			equal(await text(host, plain(servers), "/connections"), "1", "connections, this one included");
		},
	},
	{
		name: "http: requests side by side get their own replies",
		async run(host, servers) {
			const replies = await Promise.all([
				text(host, plain(servers), "/trickle"),
				text(host, plain(servers), "/chunked"),
				text(host, plain(servers), "/redirected"),
			]);
			equal(replies.join(" | "), "drop by drop | one, two, three | here", "bodies");
		},
	},
	{
		name: "https: a genuine certificate is trusted, for the name and for the address",
		async run(host, servers) {
			for (const name of [servers.name, servers.address]) {
				const echo = await echoed(host, {
					...get({ ...secure(servers), host: name }, "/echo"),
					method: "POST",
					body: "over TLS",
				});
				equal(echo.body, host.crypto.hex(host.crypto.utf8("over TLS")), "body");
			}
		},
	},
]);

async function echoed(host: Host, request: HttpRequest): Promise<Echo> {
	const reply = await host.http.request(request, deadline);
	equal(reply.status, 200, "status");
	const echo: Echo = JSON.parse(host.crypto.text(reply.body));
	return echo;
}

/** The work ends in `timeout` not much later than the deadline. */
async function late(host: Host, work: () => unknown): Promise<void> {
	const started = host.clock.ticks();
	await fails(work, "register", "timeout");
	const took = host.clock.ticks() - started;
	holds(took >= impatient - 50 && took < impatient + 1500, `a deadline of ${impatient} ms is kept (took ${took} ms)`);
}
