import type { Host, HttpRequest } from "dynreg/contracts/host";
import type { ContractCase } from "./case.js";
import { clockJumps, whileClockJumps } from "./clock-jumps.js";
import { deepFreeze } from "./deep-freeze.js";
import { expectEqual, expectFailure, expectTrue, sleep } from "./expect.js";
import { getRequest, getText, httpEndpoint, httpsEndpoint } from "./requests.js";

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

export const http: readonly ContractCase[] = deepFreeze([
	{
		name: "http: method, path, headers and body arrive exactly",
		async run(host, servers) {
			const body = '{"ProductId":"P","DeviceName":"d-1"}';
			const echo = await echoed(host, {
				...getRequest(httpEndpoint(servers), "/echo?a=b%20c&d"),
				method: "POST",
				headers: [
					["Content-Type", "application/json; charset=utf-8"],
					["X-TC-Nonce", "1291669616"],
					["Accept", "text/xml,application/json;*/*"],
				],
				body,
			});
			expectEqual(echo.method, "POST", "method");
			expectEqual(echo.path, "/echo?a=b%20c&d", "path");
			expectEqual(echo.headers["content-type"], "application/json; charset=utf-8", "Content-Type");
			expectEqual(echo.headers["x-tc-nonce"], "1291669616", "X-TC-Nonce");
			expectEqual(echo.headers.accept, "text/xml,application/json;*/*", "Accept");
			expectEqual(echo.headers["content-length"], String(body.length), "Content-Length");
			expectEqual(echo.body, host.crypto.hex(host.crypto.utf8(body)), "body");
		},
	},
	{
		name: "http: GET has no body",
		async run(host, servers) {
			const echo = await echoed(host, getRequest(httpEndpoint(servers), "/echo"));
			expectEqual(echo.method, "GET", "method");
			expectEqual(echo.body, "", "body");
			expectEqual(echo.headers.host, `${servers.name}:${servers.http}`, "Host");
		},
	},
	{
		name: "http: PUT has a body",
		async run(host, servers) {
			const body = '{"registrationId":"d-1"}';
			const echo = await echoed(host, { ...getRequest(httpEndpoint(servers), "/echo"), method: "PUT", body });
			expectEqual(echo.method, "PUT", "method");
			expectEqual(echo.headers["content-length"], String(body.length), "Content-Length");
			expectEqual(echo.body, host.crypto.hex(host.crypto.utf8(body)), "body");
		},
	},
	{
		name: "http: Content-Length counts bytes, not characters",
		async run(host, servers) {
			const body = "设备 ü 😀";
			const echo = await echoed(host, { ...getRequest(httpEndpoint(servers), "/echo"), method: "POST", body });
			expectEqual(echo.headers["content-length"], String(host.crypto.utf8(body).length), "Content-Length");
			expectEqual(echo.body, host.crypto.hex(host.crypto.utf8(body)), "body");
		},
	},
	{
		name: "http: the server may be named by its address",
		async run(host, servers) {
			const endpoint = { ...httpEndpoint(servers), host: servers.address };
			expectEqual((await host.http.request(getRequest(endpoint, "/echo"), deadline)).status, 200, "status");
		},
	},
	{
		name: "http: an error response has status and body",
		async run(host, servers) {
			for (const status of [400, 404, 500, 503]) {
				const reply = await host.http.request(getRequest(httpEndpoint(servers), `/status/${status}`), deadline);
				expectEqual(reply.status, status, "status");
				expectEqual(host.crypto.text(reply.body), `status ${status}`, "body");
			}
		},
	},
	{
		name: "http: Retry-After and Date come as sent",
		async run(host, servers) {
			const reply = await host.http.request(getRequest(httpEndpoint(servers), "/headers"), deadline);
			expectEqual(reply.retryAfter, "Wed, 21 Oct 2026 07:28:00 GMT", "retryAfter");
			expectEqual(reply.date, "Tue, 20 Oct 2026 07:28:00 GMT", "date");
		},
	},
	{
		name: "http: without these headers the response has none",
		async run(host, servers) {
			const reply = await host.http.request(getRequest(httpEndpoint(servers), "/empty"), deadline);
			expectEqual(reply.retryAfter, undefined, "retryAfter");
			expectEqual(reply.date, undefined, "date");
		},
	},
	{
		name: "http: an empty body is no bytes",
		async run(host, servers) {
			for (const path of ["/empty", "/status/204"])
				expectEqual(
					(await host.http.request(getRequest(httpEndpoint(servers), path), deadline)).body.length,
					0,
					`body of ${path}`,
				);
		},
	},
	{
		name: "http: a chunked body is put together",
		async run(host, servers) {
			expectEqual(await getText(host, httpEndpoint(servers), "/chunked"), "one, two, three", "body");
		},
	},
	{
		name: "http: a body that ends with the connection is whole",
		async run(host, servers) {
			expectEqual(await getText(host, httpEndpoint(servers), "/until-close"), "until the end", "body");
		},
	},
	{
		name: "http: a response in single bytes is assembled",
		async run(host, servers) {
			expectEqual(await getText(host, httpEndpoint(servers), "/trickle"), "drop by drop", "body");
		},
	},
	{
		name: "http: a binary body comes unchanged",
		async run(host, servers) {
			const { body } = await host.http.request(getRequest(httpEndpoint(servers), "/binary"), deadline);
			expectEqual(body.length, 256, "length");
			for (let index = 0; index < 256; index++) expectEqual(body[index], index, `byte ${index}`);
		},
	},
	{
		name: "http: a body of exactly maxResponseBytes is taken",
		async run(host, servers) {
			for (const path of ["/large?bytes=1000", "/large-chunked?bytes=1000"]) {
				const reply = await host.http.request(
					{ ...getRequest(httpEndpoint(servers), path), maxResponseBytes: 1000 },
					deadline,
				);
				expectEqual(reply.body.length, 1000, `body of ${path}`);
			}
		},
	},
	{
		name: "http: a longer body is cut off with answer-too-large",
		async run(host, servers) {
			for (const path of ["/large?bytes=1001", "/large-chunked?bytes=1001", "/large-chunked?bytes=60000"]) {
				const request = { ...getRequest(httpEndpoint(servers), path), maxResponseBytes: 1000 };
				await expectFailure(() => host.http.request(request, deadline), "register", "answer-too-large");
			}
		},
	},
	{
		name: "http: a redirect is a response and not followed",
		async run(host, servers) {
			const reply = await host.http.request(getRequest(httpEndpoint(servers), "/redirect"), deadline);
			expectEqual(reply.status, 302, "status");
			expectEqual(host.crypto.text(reply.body), "elsewhere", "body");
		},
	},
	{
		name: "http: a silent server is a timeout, in time",
		async run(host, servers) {
			for (const endpoint of [
				{ ...httpEndpoint(servers), port: servers.silent },
				{ ...httpsEndpoint(servers), port: servers.silent },
			])
				await late(host, () => host.http.request(getRequest(endpoint, "/"), impatient));
		},
	},
	{
		name: "http: a deadline is kept while the clock jumps by years",
		async run(host, servers) {
			const endpoint = { ...httpEndpoint(servers), port: servers.silent };
			for (const years of clockJumps)
				await whileClockJumps(host, years, () =>
					late(host, () => host.http.request(getRequest(endpoint, "/"), impatient)),
				);
		},
	},
	{
		name: "http: the deadline holds for the body too",
		async run(host, servers) {
			await late(host, () => host.http.request(getRequest(httpEndpoint(servers), "/stall"), impatient));
		},
	},
	{
		name: "http: a closed port is connect-failed",
		async run(host, servers) {
			for (const endpoint of [
				{ ...httpEndpoint(servers), port: servers.closed },
				{ ...httpsEndpoint(servers), port: servers.closed },
			])
				await expectFailure(() => host.http.request(getRequest(endpoint, "/"), deadline), "register", "connect-failed");
		},
	},
	{
		name: "http: a name that does not exist is dns-failed",
		async run(host, servers) {
			const endpoint = { ...httpEndpoint(servers), host: "nonexistent.invalid" };
			await expectFailure(() => host.http.request(getRequest(endpoint, "/"), 15000), "register", "dns-failed");
		},
	},
	{
		name: "http: an address needs no lookup, whatever name is being looked up",
		async run(host, servers) {
			for (let i = 0; i < 3; i++) {
				// On a chip nobody answers for this name.
				const endpoint = { ...httpEndpoint(servers), host: "hangs.test" };
				await host.http.request(getRequest(endpoint, "/"), impatient).catch(() => {});
			}
			const started = host.clock.ticks();
			const endpoint = { ...httpEndpoint(servers), host: servers.address };
			await host.http.request(getRequest(endpoint, "/echo"), deadline);
			const took = host.clock.ticks() - started;
			expectTrue(took < 2000, `it is reached at once (took ${took} ms)`);
		},
	},
	{
		name: "http: a connection closed before or within the response is connection-lost",
		async run(host, servers) {
			for (const path of ["/cut-before", "/cut-head", "/cut-body", "/cut-chunked"])
				await expectFailure(
					() => host.http.request(getRequest(httpEndpoint(servers), path), deadline),
					"register",
					"connection-lost",
				);
		},
	},
	{
		name: "http: no connection stays open after a response or a failure",
		async run(host, servers) {
			await host.http.request(getRequest(httpEndpoint(servers), "/echo"), deadline);
			await late(host, () => host.http.request(getRequest(httpEndpoint(servers), "/stall"), impatient));
			const request = { ...getRequest(httpEndpoint(servers), "/large-chunked?bytes=60000"), maxResponseBytes: 10 };
			await expectFailure(() => host.http.request(request, deadline), "register", "answer-too-large");
			await sleep(host.timers, 200);
			expectEqual(await getText(host, httpEndpoint(servers), "/connections"), "1", "connections, this one included");
		},
	},
	{
		name: "http: concurrent requests get their own responses",
		async run(host, servers) {
			const replies = await Promise.all([
				getText(host, httpEndpoint(servers), "/trickle"),
				getText(host, httpEndpoint(servers), "/chunked"),
				getText(host, httpEndpoint(servers), "/redirected"),
			]);
			expectEqual(replies.join(" | "), "drop by drop | one, two, three | here", "bodies");
		},
	},
	{
		name: "https: a genuine certificate is trusted, for the name and for the address",
		async run(host, servers) {
			for (const name of [servers.name, servers.address]) {
				const echo = await echoed(host, {
					...getRequest({ ...httpsEndpoint(servers), host: name }, "/echo"),
					method: "POST",
					body: "over TLS",
				});
				expectEqual(echo.body, host.crypto.hex(host.crypto.utf8("over TLS")), "body");
			}
		},
	},
]);

async function echoed(host: Host, request: HttpRequest): Promise<Echo> {
	const reply = await host.http.request(request, deadline);
	expectEqual(reply.status, 200, "status");
	const echo: Echo = JSON.parse(host.crypto.text(reply.body));
	return echo;
}

/** The work ends in `timeout` not much later than the deadline. */
async function late(host: Host, work: () => unknown): Promise<void> {
	const started = host.clock.ticks();
	await expectFailure(work, "register", "timeout");
	const took = host.clock.ticks() - started;
	expectTrue(
		took >= impatient - 50 && took < impatient + 1500,
		`a deadline of ${impatient} ms is kept (took ${took} ms)`,
	);
}
