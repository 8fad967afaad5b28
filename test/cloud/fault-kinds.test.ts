/** What each fault does to clients that are no board: raw HTTP, TLS and MQTT. */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { request as secureRequest } from "node:https";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type Cloud, type CloudOptions, type FaultRule, startCloud } from "@dynreg/cloud";
import test, { type ExecutionContext } from "ava";
import { connect } from "mqtt";
import { reservedPorts } from "../support/reserved-ports.js";
import {
	closed,
	form,
	type Names,
	open,
	productSecret,
	refusal,
	registration,
	session,
	until,
} from "./aliyun-device.js";
import { decrypt, login, obtainPsk, product, registerV1, type V2Answer, v2Request } from "./device.js";

const names: Names = { productKey: "a1FaultKind", deviceName: "board-1" };
const board = { productId: product.id, deviceName: "board-1" };

async function faulty(t: ExecutionContext, rules: readonly FaultRule[], options: CloudOptions = {}): Promise<Cloud> {
	const cloud = await startCloud(options);
	t.teardown(() => cloud.close());
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
	cloud.administration.putProduct("aliyun", names.productKey, { secret: productSecret, registration: "free" });
	cloud.administration.putDevice("aliyun", names.productKey, names.deviceName);
	cloud.administration.setFaults(rules);
	return cloud;
}

interface Answer {
	readonly status: number;
	readonly headers: Readonly<Record<string, unknown>>;
	readonly body: string;
	/** The error that ended the body. */
	readonly ended?: string | undefined;
}

/** Registers by v2, or rejects with the code of the error. */
function register({ urls, ca }: Cloud, scheme: "http" | "https" = "http", timeout = 30_000): Promise<Answer> {
	const url = new URL("/device/register", urls[scheme]);
	const { headers, body } = v2Request(url.hostname, board);
	return new Promise((resolve, reject) => {
		const options = { method: "POST", headers, timeout, agent: false as const, ca: readFileSync(ca) };
		const sent = (scheme === "http" ? request : secureRequest)(url, options);
		sent.once("timeout", () => sent.destroy(Object.assign(new Error(), { code: "silence" })));
		sent.once("error", (error: NodeJS.ErrnoException) => reject(new Error(error.code)));
		sent.once("response", (response) => {
			let text = "";
			const done = (ended?: string) =>
				resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, ended });
			// Node reports a reset to both, the request first.
			sent.removeAllListeners("error").on("error", (error: NodeJS.ErrnoException) => done(error.code));
			response.setEncoding("utf8").on("data", (part: string) => {
				text += part;
			});
			response.once("end", () => done());
			response.once("error", (error: NodeJS.ErrnoException) => done(error.code));
		});
		sent.end(body);
	});
}

const rule = (fault: FaultRule["fault"], more: Partial<FaultRule> = {}): FaultRule => ({
	operation: "register",
	fault,
	count: 1,
	...more,
});

const reasons = (cloud: Cloud): string[] => cloud.administration.requests().map(({ reason }) => reason);

test("the registration of a lost response is carried out and in the journal", async (t) => {
	const cloud = await faulty(t, [rule("drop"), rule("silence"), rule("reset")]);
	await t.throwsAsync(register(cloud), { message: "ECONNRESET" });
	await t.throwsAsync(register(cloud, "http", 1500), { message: "silence" });
	t.is((await register(cloud)).ended, "ECONNRESET");
	t.is((await register(cloud)).status, 200);
	t.is(cloud.administration.requests().filter(({ verdict }) => verdict === "accepted").length, 4);
	const [drop, silence, reset, none] = reasons(cloud);
	t.regex(drop ?? "", /Issued a psk\. Fault: connection closed\.$/);
	t.regex(silence ?? "", / Fault: connection left open without data\.$/);
	t.regex(reset ?? "", / Fault: connection reset in the middle of the response\.$/);
	t.is(none, "Issued a psk.");
});

for (const scheme of ["http", "https"] as const)
	test(`over ${scheme} a reset sends RST after half of the response`, async (t) => {
		const cloud = await faulty(t, [rule("reset")]);
		const { status, body, headers, ended } = await register(cloud, scheme);
		t.is(status, 200);
		t.is(body.length, Math.floor(Number(headers["content-length"]) / 2));
		t.is(ended, "ECONNRESET");
	});

test("another server responds, and nothing is carried out", async (t) => {
	const cloud = await faulty(t, [
		rule("status", { status: 429, retryAfter: 7 }),
		rule("status", { status: 500 }),
		rule("redirect", { location: "http://127.0.0.1/elsewhere" }),
		rule("redirect"),
		rule("portal"),
	]);
	t.like(await register(cloud), { status: 429, headers: { "retry-after": "7" } });
	const overloaded = await register(cloud);
	t.is(overloaded.status, 500);
	t.is(overloaded.headers["retry-after"], undefined);
	t.like(await register(cloud), { status: 302, headers: { location: "http://127.0.0.1/elsewhere" } });
	t.regex(String((await register(cloud)).headers.location), /\.invalid/);
	const portal = await register(cloud);
	t.like(portal, { status: 200, headers: { "content-type": "text/html; charset=utf-8" } });
	t.regex(portal.body, /^<!DOCTYPE html>/);
	t.is(cloud.administration.devices("tencent", product.id).length, 0);
	for (const { verdict, device, reason } of cloud.administration.requests()) {
		t.is(verdict, "refused");
		t.is(device, "board-1");
		t.regex(reason, /^Fault: .* The registration was not carried out\.$/);
	}
});

test("an invalid, oversized or duplicate response", async (t) => {
	const cloud = await faulty(t, [
		rule("oversized", { bytes: 100_000 }),
		rule("truncated"),
		rule("not-json"),
		rule("duplicate"),
	]);
	const long = await register(cloud);
	t.is(long.body.length, 100_000);
	t.truthy((JSON.parse(long.body) as V2Answer).Response.Payload);
	const half = await register(cloud);
	t.is(half.ended, undefined);
	t.is(half.body.length, Number(half.headers["content-length"]));
	t.throws(() => JSON.parse(half.body));
	const other = await register(cloud);
	t.regex(other.body, / is no JSON$/);
	const twice = await new Promise<string>((resolve) => {
		const { hostname, port } = new URL(cloud.urls.http);
		const { headers, body } = v2Request(hostname, board);
		const lines = Object.entries({ Host: hostname, ...headers, "Content-Length": body.length });
		const socket = connectTcp(Number(port), hostname, () =>
			socket.write(
				`POST /device/register HTTP/1.1\r\n${lines.map((line) => line.join(": ")).join("\r\n")}\r\n\r\n${body}`,
			),
		);
		let text = "";
		socket.on("data", (bytes) => {
			text += bytes;
		});
		socket.once("close", () => resolve(text));
	});
	const [, first, second] = twice.split("HTTP/1.1 200 OK\r\n");
	t.truthy(first);
	t.is(first, second);
});

test("Tencent's corruptions apply to both versions", async (t) => {
	const wrong = ["wrong-len", "wrong-padding", "wrong-key", "wrong-secret"] as const;
	const cloud = await faulty(
		t,
		wrong.flatMap((fault) => ["register/v1", "register/v2"].map((operation) => rule(fault, { operation }))),
	);
	const v1 = () => registerV1(cloud.urls.http, board);
	const v2 = async () => {
		const { Len: len, Payload: payload } = (JSON.parse((await register(cloud)).body) as V2Answer).Response;
		return { len, payload };
	};
	for (const ask of [v1, v2]) {
		const tooLong = await ask();
		t.true((tooLong.len ?? 0) > Buffer.from(tooLong.payload ?? "", "base64").length);
		const padded = await ask();
		t.throws(() => decrypt(padded.payload ?? "", padded.len ?? 0), { message: /padding is not zero/ });
		const foreign = await ask();
		t.throws(() => JSON.parse(decrypt(foreign.payload ?? "", foreign.len ?? 0)));
		const other = await ask();
		const { psk } = JSON.parse(decrypt(other.payload ?? "", other.len ?? 0)) as { psk: string };
		t.is(Buffer.from(psk, "base64").length, 16);
		t.is(await refusal(cloud.urls.mqtt, login(board, psk)), 5);
	}
	t.is(await refusal(cloud.urls.mqtt, login(board, await obtainPsk(cloud.urls.http, board))), 0);
});

test("to a certificate product, wrong-secret is another private key", async (t) => {
	const cloud = await faulty(t, [rule("wrong-secret", { operation: "register/v2" })]);
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret, auth: "certificate" });
	for (const isPair of [false, true]) {
		const { Len, Payload } = (JSON.parse((await register(cloud)).body) as V2Answer).Response;
		const { clientCert, clientKey } = JSON.parse(decrypt(Payload ?? "", Len ?? 0)) as Record<string, string>;
		t.is(new X509Certificate(clientCert ?? "").checkPrivateKey(createPrivateKey(clientKey ?? "")), isPair);
	}
});

test("Alibaba's corruptions apply to HTTPS and MQTT", async (t) => {
	const cloud = await faulty(t, [rule("wrong-device", { count: 2 }), rule("wrong-secret", { count: 2 })]);
	const ca = readFileSync(cloud.ca);
	const overHttp = async (): Promise<Record<string, string>> => {
		const answer = await fetch(`${cloud.urls.http}/auth/register/device`, { method: "POST", body: form(names) });
		return ((await answer.json()) as { data: Record<string, string> }).data;
	};
	const overMqtt = async (): Promise<Record<string, string>> => {
		const client = await open(cloud.urls.mqtts, registration("register", names), { ca });
		await until(() => client.got.length > 0);
		client.end(true);
		return JSON.parse(client.got[0]?.[1] ?? "") as Record<string, string>;
	};
	for (const ask of [overHttp, overMqtt]) t.is((await ask()).deviceName, "not-board-1");
	for (const ask of [overHttp, overMqtt]) {
		const { deviceName, deviceSecret = "" } = await ask();
		t.is(deviceName, "board-1");
		t.is(await refusal(cloud.urls.mqtt, session(names, deviceSecret)), 4);
	}
});

test("a CONNECT gets any CONNACK or none; its registration is not carried out", async (t) => {
	const cloud = await faulty(t, []);
	const ca = readFileSync(cloud.ca);
	const credential = login(board, await obtainPsk(cloud.urls.http, board));
	for (const code of [1, 2, 3, 4, 5]) {
		cloud.administration.setFaults([rule("connack", { operation: "connect", code }), rule("connack", { code })]);
		t.is(await refusal(cloud.urls.mqtts, credential, { ca }), code);
		t.is(await refusal(cloud.urls.mqtts, registration("register", names), { ca }), code);
		t.is(await refusal(cloud.urls.mqtts, credential, { ca }), 0);
	}
	t.is(cloud.administration.device("aliyun", names.productKey, names.deviceName).state, "created");
	cloud.administration.setFaults([
		rule("drop", { operation: "connect" }),
		rule("silence", { operation: "connect", device: "board-1" }),
	]);
	const waited = async (): Promise<number> => {
		const began = Date.now();
		const client = connect(cloud.urls.mqtts, { ...credential, ca, connectTimeout: 12_000, reconnectPeriod: 0 });
		await closed(client);
		t.false(client.connected);
		return Date.now() - began;
	};
	t.true((await waited()) < 11_000);
	// Longer than the broker itself waits for a CONNECT: it is the client that gives up.
	t.true((await waited()) >= 12_000);
	t.is(await refusal(cloud.urls.mqtts, credential, { ca }), 0);
});

test("an MQTT registration response is truncated, withheld or duplicated", async (t) => {
	const cloud = await faulty(t, [rule("drop"), rule("silence"), rule("duplicate")]);
	const ca = readFileSync(cloud.ca);
	const dropped = await open(cloud.urls.mqtts, registration("regnwl", names), { ca });
	await closed(dropped);
	t.deepEqual(dropped.got, []);
	const silent = await open(cloud.urls.mqtts, registration("register", names), { ca });
	const twice = await open(cloud.urls.mqtts, registration("register", names), { ca });
	await until(() => twice.got.length === 2);
	t.deepEqual(twice.got[0], twice.got[1]);
	t.deepEqual(silent.got, []);
	t.true(silent.connected);
	for (const client of [silent, twice]) client.end(true);
});

test("a silent session neither receives nor sends, and stays open", async (t) => {
	const cloud = await faulty(t, [rule("silence", { operation: "session", seconds: 0.3 })]);
	const credential = login(board, await obtainPsk(cloud.urls.http, board));
	const client = await open(cloud.urls.mqtt, credential, { keepalive: 1 });
	const began = Date.now();
	await until(() => cloud.administration.requests().some(({ operation }) => operation === "disconnect"));
	t.regex(reasons(cloud).at(-1) ?? "", /Fault: connection left open without data after 0\.3 s\./);
	t.true(client.connected);
	await t.throwsAsync(client.subscribeAsync(`${product.id}/board-1/control`));
	t.true(Date.now() - began > 1000);
	const next = await open(cloud.urls.mqtt, credential);
	await next.subscribeAsync(`${product.id}/board-1/control`);
	next.end(true);
});

test("a session is cut right after its CONNACK, or later", async (t) => {
	const cloud = await faulty(t, [
		rule("drop", { operation: "session" }),
		rule("drop", { operation: "session", seconds: 3 }),
	]);
	const credential = login(board, await obtainPsk(cloud.urls.http, board));
	const lasted: number[] = [];
	for (let nth = 0; nth < 2; nth++) {
		const client = await open(cloud.urls.mqtt, credential);
		const began = Date.now();
		await closed(client);
		lasted.push(Date.now() - began);
	}
	t.true((lasted[0] ?? 0) < 2500 && (lasted[1] ?? 0) >= 2500, String(lasted));
	t.is(cloud.administration.requests().filter(({ operation }) => operation === "connect").length, 2);
});

/**
 * What a TLS 1.2 client is told: the code of its error, or "open" while it is. An error may take long on a busy machine;
 * the wait is short only where nothing is expected to come.
 */
function shake(
	{ urls, ca }: Cloud,
	port: "https" | "mqtts" | "mtls",
	expected: "error" | "open" | "silence" = "error",
): Promise<string> {
	const { hostname, port: number } = new URL(urls[port]);
	return new Promise((resolve) => {
		const socket = connectTls({ host: hostname, port: Number(number), ca: readFileSync(ca), maxVersion: "TLSv1.2" });
		const timers: NodeJS.Timeout[] = [];
		const done = (what: string): void => {
			resolve(what);
			socket.destroy();
			for (const timer of timers) clearTimeout(timer);
		};
		socket.once("secureConnect", () => timers.push(setTimeout(done, expected === "open" ? 300 : 30_000, "open")));
		socket.once("error", (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
		socket.once("end", () => done("end"));
		timers.push(setTimeout(done, expected === "silence" ? 800 : 30_000, "silence"));
	});
}

const steps = ["server-hello", "certificate", "server-key-exchange", "server-hello-done", "finished"] as const;
for (const port of ["https", "mqtts"] as const)
	test(`at ${port} a handshake fails at each of its steps, and the next one succeeds`, async (t) => {
		const cloud = await faulty(t, []);
		for (const step of steps) {
			cloud.administration.setFaults([
				rule("alert", { operation: port, step, alert: 80 }),
				rule("drop", { operation: port, step }),
				rule("silence", { operation: port, step }),
			]);
			t.is(await shake(cloud, port), "ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR", step);
			t.regex(await shake(cloud, port), /ECONNRESET|end/, step);
			t.is(await shake(cloud, port, "silence"), "silence", step);
			t.is(await shake(cloud, port, "open"), "open", step);
		}
		cloud.administration.setFaults([rule("alert", { operation: port, step: "established" })]);
		// OpenSSL's name of it varies.
		t.regex(await shake(cloud, port), /ALERT_BAD_RECORD_MAC$/);
		t.is(await shake(cloud, port, "open"), "open");
		const tls = cloud.administration.requests().filter(({ operation }) => operation === "tls");
		t.is(tls.length, 3 * steps.length + 1);
		for (const { transport, verdict, reason } of tls) {
			t.is(transport, port);
			t.is(verdict, "closed");
			t.regex(reason, /^Fault: /);
		}
	});

for (const port of ["http", "mqtt"] as const)
	test(`at ${port} a connection is closed or silent before any byte`, async (t) => {
		const cloud = await faulty(t, [rule("drop", { operation: port }), rule("silence", { operation: port })]);
		const { hostname, port: number } = new URL(cloud.urls[port]);
		const knock = (wait = 30_000): Promise<string> =>
			new Promise((resolve) => {
				const socket: Socket = connectTcp(Number(number), hostname, () => socket.write("GET / HTTP/1.1\r\n\r\n"));
				socket.once("data", () => resolve("answer"));
				socket.once("error", () => {});
				socket.once("close", () => resolve("closed"));
				const timer = setTimeout(() => {
					resolve("silence");
					socket.destroy();
				}, wait);
				socket.once("close", () => clearTimeout(timer));
			});
		t.is(await knock(), "closed");
		t.is(await knock(500), "silence");
		t.not(await knock(), "silence");
	});

test("closing the cloud ends what faults keep open", async (t) => {
	const cloud = await startCloud();
	cloud.administration.setFaults([
		rule("silence", { operation: "https" }),
		rule("silence", { operation: "mqtts", step: "certificate" }),
		rule("silence", { operation: "mqtt" }),
	]);
	const ends = (["https", "mqtts", "mqtt"] as const).map(
		(port) =>
			new Promise<void>((resolve) => {
				const { hostname, port: number } = new URL(cloud.urls[port]);
				connectTcp(Number(number), hostname)
					.on("error", () => {})
					.resume()
					.once("close", () => resolve());
			}),
	);
	await until(() => cloud.administration.requests().length === 3);
	await cloud.close();
	await Promise.all(ends);
	t.pass();
});

test("dice decide where a rule has a probability, and the next rule has its chance", async (t) => {
	const dice = [0.2, 0.8, 0.5, 0.499];
	const cloud = await faulty(
		t,
		[
			rule("status", { status: 500, probability: 0.5, count: 2 }),
			rule("status", { status: 501, device: "board-2" }),
			rule("status", { status: 502, count: 2 }),
		],
		{ random: () => dice.shift() ?? 1 },
	);
	const statuses: number[] = [];
	for (let nth = 0; nth < 5; nth++) statuses.push((await register(cloud)).status);
	t.deepEqual(statuses, [500, 502, 502, 500, 200]);
	t.deepEqual(
		cloud.administration.faults().map(({ count, triggered }) => [count, triggered]),
		[
			[0, 2],
			[1, undefined],
			[0, 2],
		],
	);
});

test("POST appends rules; GET reports how often each was triggered", async (t) => {
	const cloud = await faulty(t, [rule("status", { status: 500 })]);
	const ask = async (method: string, rules?: unknown) => {
		const init = { method, ...(rules !== undefined && { body: JSON.stringify({ rules }) }) };
		return (await (await fetch(`${cloud.urls.admin}/faults`, init)).json()) as unknown;
	};
	const second = { operation: "register", fault: "status", status: 503 };
	t.deepEqual(await ask("POST", [second]), [rule("status", { status: 500 }), second]);
	t.is((await register(cloud)).status, 500);
	t.is((await register(cloud)).status, 503);
	t.is((await register(cloud)).status, 503);
	t.deepEqual(await ask("GET"), [
		{ ...rule("status", { status: 500 }), count: 0, triggered: 1 },
		{ ...second, triggered: 2 },
	]);
	t.deepEqual(await ask("PUT", [second]), [second]);
});

test('a rule for the former port "mutual" applies to "mtls", with a warning', async (t) => {
	const logged: string[] = [];
	const log = ({ name, message }: Error): void => void logged.push(`${name}: ${message}`);
	process.on("warning", log);
	t.teardown(() => process.off("warning", log));
	const cloud = await faulty(t, []);
	const body = JSON.stringify({ rules: [{ operation: "mutual", fault: "drop" }] });
	const response = await fetch(`${cloud.urls.admin}/faults`, { method: "PUT", body });
	const warning = 'The port "mutual" is deprecated and will be removed in the next version. Use "mtls".';
	t.deepEqual(await response.json(), [{ operation: "mtls", fault: "drop", warning }]);
	await new Promise(setImmediate);
	t.deepEqual(logged, [`DeprecationWarning: ${warning}`]);
});

test("a rule that cannot be is refused with what there is instead", async (t) => {
	const cloud = await faulty(t, []);
	const cases: [wrong: Record<string, unknown>, says: RegExp][] = [
		[{ fault: "explode" }, /"fault" is invalid\. Expected "delay", "drop".* or "connack"/],
		[{ fault: "toString" }, /"fault" is invalid/],
		[
			{ operation: "publish" },
			/"operation" is invalid for the fault "drop"\. Expected "register" for all registrations, or one of register\/v1.*session/,
		],
		[{ fault: "reset", operation: "connect" }, /one of register\/v1, register\/v2, register\/device, /],
		[
			{ fault: "wrong-len", operation: "register/device" },
			/"wrong-len"\. Expected .*one of register\/v1, register\/v2, register\/dynamic\.$/,
		],
		[{ fault: "alert", operation: "http", step: "finished" }, /Expected one of https, mqtts, mtls\.$/],
		[{ fault: "alert", operation: "https" }, /"step" is missing for the fault "alert"\. Expected "server-hello"/],
		[
			{ fault: "alert", operation: "https", step: "hello" },
			/"step" is invalid\. Expected "server-hello".* or "established"/,
		],
		[
			{ fault: "drop", operation: "mqtt", step: "finished" },
			/"step" is invalid for the fault "drop" of "mqtt"\. Leave out "step"/,
		],
		[{ seconds: 3 }, /"seconds" is invalid for the fault "drop" of "register"\. Leave out "seconds"/],
		[{ operation: "https", device: "board-1" }, /"device" is invalid for a fault of a port/],
		[{ device: "" }, /"device" is invalid\. Expected the name of a device/],
		[{ probability: 0 }, /"probability" is invalid\. Expected a number above 0, at most 1 \(default: 1\)/],
		[{ probability: 1.1 }, /"probability" is invalid/],
		[{ probability: "1" }, /"probability" is invalid\. Expected a number/],
		[{ fault: "status" }, /"status" is missing for the fault "status"\. Expected a whole number from 400 to 599/],
		[{ fault: "status", status: 200 }, /"status" is invalid\. Expected a whole number from 400 to 599/],
		[{ fault: "status", status: 503, retryAfter: 0 }, /"retryAfter" is invalid/],
		[{ fault: "redirect", location: "elsewhere" }, /"location" is invalid\. Expected a URL/],
		...["http://你好/", "http://a/你好", "http://a/\r\nX: 1", "http://a/\tb", "http://[::1", "http://a b/", ""].map(
			(location): [Record<string, unknown>, RegExp] => [
				{ fault: "redirect", location },
				/"location" is invalid\. Expected a URL of printable ASCII characters \(http:\/\/xn--… for a name with others\)/,
			],
		),
		[{ fault: "oversized", bytes: 0 }, /"bytes" is invalid/],
		[{ fault: "connack", code: 6 }, /"code" is invalid\. Expected a whole number from 1 to 5/],
	];
	for (const [wrong, says] of cases) {
		const error = t.throws(() => cloud.administration.setFaults([{ ...rule("drop"), ...wrong } as FaultRule]));
		t.regex(error?.message ?? "", says);
	}
	t.deepEqual(cloud.administration.faults(), []);
});

test("a restart ends connections and comes back with the same ports and state", async (t) => {
	const ports = reservedPorts();
	const cloud = await faulty(t, [], { ports });
	const psk = await obtainPsk(cloud.urls.http, board);
	const client = await open(cloud.urls.mqtt, login(board, psk));
	const gone = closed(client);
	const restart = (seconds: unknown) =>
		fetch(`${cloud.urls.admin}/restart`, { method: "POST", body: JSON.stringify({ seconds }) });
	const restarting = restart(5);
	await gone;
	await t.throwsAsync(register(cloud), { message: "ECONNREFUSED" });
	t.is((await restart(5)).status, 409);
	t.is((await restarting).status, 204);
	t.is((await register(cloud, "https")).status, 200);
	t.is(await refusal(cloud.urls.mqtt, login(board, psk)), 0);
	t.is((await restart("soon")).status, 400);
	t.is((await restart(-1)).status, 400);
	t.is((await restart(undefined)).status, 204);
});

test("a cloud that is closed in the middle of a restart stays so", async (t) => {
	const cloud = await startCloud();
	const restarting = cloud.administration.restart(60);
	await cloud.close();
	await restarting;
	await t.throwsAsync(fetch(cloud.urls.http));
});
