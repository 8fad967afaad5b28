import test from "ava";
import { createRequestReader, type Request } from "dynreg/setup/request";
import { crypto } from "../support/node-crypto.js";

const read = (...chunks: (string | Uint8Array)[]) => {
	const reader = createRequestReader(crypto);
	let result: Request | number | undefined;
	for (const chunk of chunks) {
		result = reader.read(typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk);
		if (result !== undefined) break;
	}
	return result;
};
const line = "GET /generate_204 HTTP/1.1\r\n";
const post = (header: string, body = "") => `POST / HTTP/1.1\r\nHost: a\r\n${header}\r\n${body}`;

test("a request is complete with the empty line", (t) => {
	t.is(read(line, "Host: x\r\n"), undefined);
	t.deepEqual(
		read(`${line}HOST:  Captive.Apple.COM \r\naccept-LANGUAGE: zh-CN,zh;q=0.9\r\nUser-Agent: Phone\r\n\r\n`),
		{
			method: "GET",
			path: "/generate_204",
			host: "captive.apple.com",
			language: "zh-cn,zh;q=0.9",
			body: new Uint8Array(0),
		},
	);
});

test("a body is complete after its length, in any pieces, and what follows is ignored", (t) => {
	const whole = post("Content-Length: 5\r\n", "a=%41GET / HTTP/1.1\r\n\r\n");
	for (const size of [1, 2, 7, whole.length]) {
		const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
			whole.slice(index * size, (index + 1) * size),
		);
		t.deepEqual((read(...chunks) as Request).body, new Uint8Array(Buffer.from("a=%41")), `${size}`);
	}
	t.is(read(post("Content-Length: 5\r\n", "a=%4")), undefined);
});

test("line feeds alone end lines, empty lines before the request do not count, and Host may be absent", (t) => {
	t.like(read("\r\n\nGET / HTTP/1.0\n\n"), { method: "GET", path: "/", host: "", language: "" });
});

test("fields other than those that are needed may have any bytes", (t) => {
	t.like(read(`${line}X: \xff\xfe\r\nHostname: no\r\n-ost: no\r\nHost: yes\r\n\r\n`), { host: "yes" });
});

test("long lines are cut, and their rest is skipped", (t) => {
	const request = read(
		`GET /${"a".repeat(2000)} HTTP/1.1\r\nCookie: ${"b".repeat(1000)}\r\nHost: x\r\n\r\n`,
	) as Request;
	t.is(request.path, `/${"a".repeat(251)}`);
	t.is(request.host, "x");
});

test("a header of more than 4 KB is refused, also one that never ends", (t) => {
	t.is(read(`${line}${"X: 123456\r\n".repeat(400)}`), 431);
	t.is(read("G".repeat(5000)), 431);
});

test("a body of more than 512 bytes is refused before it is sent", (t) => {
	t.is(read(post("Content-Length: 513\r\n")), 413);
	t.is(read(post("Content-Length: 99999999999999999999999\r\n")), 413);
	t.is((read(post("Content-Length: 512\r\n", "x".repeat(512))) as Request).body.length, 512);
});

test("an invalid request is refused", (t) => {
	const invalid: Record<string, string> = {
		"no target": "GET\r\n",
		"an empty target": "GET  HTTP/1.1\r\n",
		"no version": "GET /\r\n",
		"another protocol": "GET / SIP/2.0\r\n",
		"blanks in the target": "GET /a b HTTP/1.1\r\n",
		"TLS on this port": "\x16\x03\x01\x02\x00\x01\xfc\x03\x03\n",
		"two hosts": `${line}Host: a\r\nHost: b\r\n`,
		"a host that is no UTF-8": `${line}Host: \xff\r\n`,
		"two lengths": post("Content-Length: 1\r\nContent-Length: 1\r\n"),
		"no length": post("Content-Length: \r\n"),
		"a negative length": post("Content-Length: -1\r\n"),
		"a hexadecimal length": post("Content-Length: 1f\r\n"),
		"a list of lengths": post("Content-Length: 1, 1\r\n"),
	};
	for (const [what, text] of Object.entries(invalid)) t.is(read(text), 400, what);
	t.is(read(post("Transfer-Encoding: chunked\r\n")), 411);
});
