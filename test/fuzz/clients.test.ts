/**
 * The local cloud against hostile clients: while they are at it, one board stays online, others register and
 * connect within a second, and memory stays bounded. The cloud is a process of its own, as `dynreg cloud` starts it.
 */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { connect as connectPlain, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { connectAsync, type MqttClient } from "mqtt";
import * as aliyun from "../cloud/aliyun-device.js";
import { login, obtainPsk, product, registerV2, v2Request } from "../cloud/device.js";
import * as volcengine from "../cloud/volcengine-device.js";
import { damagedBytes, replaceValue } from "./hostile-values.js";
import { checkProperty } from "./properties.js";

interface Addresses {
	readonly http: string;
	readonly https: string;
	readonly mqtt: string;
	readonly mqtts: string;
	readonly mtls: string;
	readonly sntp: string;
	readonly admin: string;
	readonly ca: string;
}

/** Milliseconds: long enough for a busy machine. A cloud that hostile bytes hold up does not come back at all. */
const promptly = 15_000;
/** Milliseconds after which the cloud lets go of who does not speak, and some for a busy machine. */
const patience = 14_000;
/** Megabytes that the cloud may have more than before the attack. */
const most = 150;

let child: ChildProcess;
let cloud: Addresses;
let ca: Buffer;
let board: MqttClient;
let boardPsk: string;
let count = 0;

const names = (deviceName: string) => ({ productId: product.id, deviceName });
const sockets = new Set<Socket>();

test.before(async () => {
	const dynreg = fileURLToPath(new URL("../../../cli/build/dynreg.js", import.meta.url));
	child = spawn(process.execPath, [dynreg, "cloud", "--json"], { stdio: ["ignore", "pipe", "pipe"] });
	child.stderr?.on("data", (text) => process.stderr.write(text));
	const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
	cloud = JSON.parse(await new Promise<string>((resolve) => lines.once("line", resolve))) as Addresses;
	ca = readFileSync(cloud.ca);
	const put = (path: string, body: unknown) =>
		fetch(`${cloud.admin}/products/${path}`, { method: "PUT", body: JSON.stringify(body) });
	await put(`tencent/${product.id}`, { secret: product.secret });
	await put("aliyun/fuzzKey0001", { secret: aliyun.productSecret });
	await put("aliyun/fuzzKey0001/devices/board-1", {});
	boardPsk = await obtainPsk(cloud.http, names("steady"));
	board = await connectAsync(cloud.mqtts, { ca, ...login(names("steady"), boardPsk), reconnectPeriod: 0 }, false);
	board.on("error", () => {});
	await board.subscribeAsync(`${product.id}/steady/data`);
});

test.after.always(async () => {
	for (const socket of sockets) socket.destroy();
	board?.end(true);
	child.kill("SIGTERM");
});

/** The one board is online and hears itself; another registers and connects. Both promptly. */
async function served(t: ExecutionContext, when: string): Promise<void> {
	const started = performance.now();
	t.true(board.connected, `the board is online ${when}`);
	const heard = new Promise((resolve) => board.once("message", resolve));
	board.publish(`${product.id}/steady/data`, when);
	const deviceName = `new-${++count}`;
	const psk = await obtainPsk(cloud.http, names(deviceName));
	const client = await connectAsync(cloud.mqtt, { ...login(names(deviceName), psk), reconnectPeriod: 0 }, false);
	client.end(true);
	await heard;
	const took = performance.now() - started;
	t.true(took < promptly, `served ${when} in ${took.toFixed(0)} ms`);
}

/** Megabytes that the cloud's process has in memory. */
function memory(): number {
	return Number(execFileSync("ps", ["-o", "rss=", "-p", String(child.pid)], { encoding: "utf8" })) / 1024;
}

/** @returns by how many megabytes the cloud has grown at most, sampled now and then */
async function growth(work: Promise<unknown>): Promise<number> {
	const before = memory();
	let highest = before;
	const timer = setInterval(() => {
		highest = Math.max(highest, memory());
	}, 200);
	await work;
	clearInterval(timer);
	return Math.max(highest, memory()) - before;
}

function open(url: string, secure = /^(https|mqtts):/.test(url)): Promise<Socket> {
	const port = Number(new URL(url).port);
	return new Promise((resolve, reject) => {
		const socket: Socket = secure
			? connectTls({ host: "127.0.0.1", port, ca }, () => resolve(socket))
			: connectPlain(port, "127.0.0.1", () => resolve(socket));
		sockets.add(socket);
		socket.once("error", reject);
		socket.on("error", () => {});
		socket.once("close", () => sockets.delete(socket));
		socket.resume();
	});
}

const gone = (socket: Socket): Promise<void> =>
	new Promise((resolve) => (socket.destroyed ? resolve() : socket.once("close", () => resolve())));

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test.serial("a slow or silent client is disconnected within fifteen seconds, and delays no other", async (t) => {
	t.timeout(60_000);
	const each = 50;
	const head = "POST /device/register HTTP/1.1\r\nHost: x\r\n";
	const kinds = [
		"http",
		"https",
		"admin",
		"handshake at https",
		"handshake at mqtts",
		"handshake at mtls",
		"mqtt",
		"mqtts",
	];
	const silent: Socket[] = [];
	for (let number = 0; number < each; number++)
		silent.push(
			...(await Promise.all([
				...[cloud.http, cloud.https, cloud.admin].map(async (url) => {
					const socket = await open(url);
					socket.write(head);
					// A byte now and then: slowloris.
					const timer = setInterval(() => socket.write("X"), 500);
					socket.once("close", () => clearInterval(timer));
					return socket;
				}),
				...[cloud.https, cloud.mqtts, cloud.mtls].map(async (url) => {
					const socket = await open(url, false);
					socket.write(Buffer.of(0x16, 3, 1, 2, 0, 1));
					return socket;
				}),
				open(cloud.mqtt),
				open(cloud.mqtts),
			])),
		);
	const started = performance.now();
	const letGo = Promise.all(silent.map(gone));
	for (let second = 0; second < 3; second++) {
		await served(t, `with ${silent.length} slow clients`);
		await sleep(1000);
	}
	await Promise.race([letGo, sleep(patience)]);
	t.deepEqual(
		kinds.filter((_, index) => silent.some((socket, number) => number % kinds.length === index && !socket.destroyed)),
		[],
	);
	t.log(`${silent.length} slow and silent clients, gone after ${((performance.now() - started) / 1000).toFixed(1)} s`);
});

for (const length of ["Content-Length: 104857600", "Transfer-Encoding: chunked"])
	test.serial(`a body of 100 MB (${length}) is cut off, and takes no memory`, async (t) => {
		const megabyte = Buffer.alloc(1024 * 1024, "x");
		const chunk = length.startsWith("C")
			? megabyte
			: Buffer.concat([Buffer.from("100000\r\n"), megabyte, Buffer.from("\r\n")]);
		const flood = async (url: string) => {
			const socket = await open(url);
			socket.write(`POST /device/register HTTP/1.1\r\nHost: x\r\n${length}\r\n\r\n`);
			let sent = 0;
			for (; sent < 100 && !socket.destroyed; sent++)
				if (!socket.write(chunk))
					await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), gone(socket)]);
			const whole = sent === 100 && !socket.destroyed;
			socket.destroy();
			return whole;
		};
		const floods = Promise.all([cloud.http, cloud.https, cloud.admin].flatMap((url) => [flood(url), flood(url)]));
		const grown = growth(floods);
		await served(t, "with floods of 100 MB");
		t.deepEqual(await floods, new Array(6).fill(false));
		t.true((await grown) < most, `${await grown} MB`);
		t.log(`memory grew by ${(await grown).toFixed(0)} MB`);
	});

test.serial("an MQTT packet of 256 MB ends the connection, before and after CONNECT", async (t) => {
	const psk = await obtainPsk(cloud.http, names("flooder"));
	const flood = async (url: string, greeting: Buffer) => {
		const socket = await open(url);
		socket.write(greeting);
		const huge = Buffer.concat([Buffer.of(0x30, 0xff, 0xff, 0xff, 0x7f), Buffer.alloc(1024 * 1024)]);
		socket.write(huge);
		for (let sent = 0; sent < 50 && !socket.destroyed; sent++) {
			socket.write(huge);
			await sleep(5);
		}
		const ended = socket.destroyed;
		socket.destroy();
		return ended;
	};
	const greeting = connectPacket(login(names("flooder"), psk));
	const floods = Promise.all(
		[cloud.mqtt, cloud.mqtts].flatMap((url) =>
			Array.from({ length: 5 }, (_, number) => flood(url, number % 2 ? greeting : Buffer.alloc(0))),
		),
	);
	const grown = growth(floods);
	await served(t, "with packets of 256 MB announced");
	t.deepEqual(await floods, new Array(10).fill(true));
	t.true((await grown) < most, `${await grown} MB`);
	t.log(`memory grew by ${(await grown).toFixed(0)} MB`);
});

test.serial("10,000 idle connections block no other client", async (t) => {
	t.timeout(120_000);
	const files = Number(execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }));
	const wanted = Math.min(10_000, Math.floor((Number.isNaN(files) ? 10_000 : files) / 2));
	const before = memory();
	const urls = [cloud.mqtt, cloud.http];
	const opened: Socket[] = [];
	while (opened.length < wanted) {
		const batch = await Promise.allSettled(Array.from({ length: 250 }, (_, number) => open(urls[number % 2] ?? "")));
		opened.push(...batch.flatMap((each) => (each.status === "fulfilled" ? [each.value] : [])));
		if (batch.some((each) => each.status === "rejected")) break;
	}
	const current = opened.filter((socket) => !socket.destroyed).length;
	const grown = memory() - before;
	await served(t, `with ${current} idle connections`);
	for (const socket of opened) socket.destroy();
	t.true(opened.length >= Math.min(wanted, 400));
	t.true(grown < 10_000 * 0.05, `${grown} MB`);
	t.log(`${opened.length} opened, ${current} of them open at a time, memory grew by ${grown.toFixed(0)} MB`);
	await sleep(1000);
	await served(t, "after they have gone");
});

test.serial("any JSON from a device leaves the cloud running with bounded memory", async (t) => {
	t.timeout(60_000);
	const psk = await obtainPsk(cloud.http, names("thing"));
	const client = await connectAsync(cloud.mqtt, { ...login(names("thing"), psk), reconnectPeriod: 0 }, false);
	client.on("error", () => {});
	const up = `$thing/up/property/${product.id}/thing`;
	await client.subscribeAsync(`$thing/down/property/${product.id}/thing`);
	const ask = async (): Promise<number> => {
		const answered = new Promise<Buffer>((resolve) => client.once("message", (_topic, payload) => resolve(payload)));
		await client.publishAsync(up, '{"method":"get_status","clientToken":"1","type":"report"}', { qos: 1 });
		return (await answered).length;
	};
	const report = async (params: string): Promise<void> => {
		const answered = new Promise((resolve) => client.once("message", resolve));
		await client.publishAsync(up, `{"method":"report","clientToken":"1","params":${params}}`, { qos: 1 });
		await answered;
	};
	await report(`{"nest":${"[".repeat(8000)}${"]".repeat(8000)}}`);
	await ask();
	for (let number = 0; number < 200; number++) await report(`{"property-${number}":"${"x".repeat(15_000)}"}`);
	const length = await ask();
	t.true(length < 100_000, `${length} bytes of status`);
	await checkProperty(
		t,
		fc.tuple(
			fc.constantFrom("property", "event", "action"),
			replaceValue({ method: "report", clientToken: "1", params: { a: 1 } }),
		),
		async ([kind, payload]) => {
			// A longer one ends the connection, as it should.
			if (payload.length > 16_384) return;
			await client.publishAsync(`$thing/up/${kind}/${product.id}/thing`, Buffer.from(payload), { qos: 1 });
		},
		{ runs: 500 },
	);
	await served(t, "after reports of all kinds");
	client.end(true);
});

test.serial("any datagram gets a time response or none", async (t) => {
	const [, host = "", port = ""] = /([\w.]+):(\d+)$/.exec(cloud.sntp) ?? [];
	const socket = createSocket("udp4");
	t.teardown(() => socket.close());
	let longest = 0;
	socket.on("message", ({ length }) => {
		longest = Math.max(longest, length);
	});
	await checkProperty(
		t,
		fc.uint8Array({ maxLength: 1400 }),
		(bytes) => new Promise((resolve) => socket.send(bytes, Number(port), host, resolve)),
		{ runs: 1000 },
	);
	await served(t, "after datagrams");
	t.true(longest <= 48, `${longest} bytes`);
});

const rightConnect = (deviceName: string, psk: string) => connectPacket(login(names(deviceName), psk));

test.serial("garbage before a CONNECT, in it and after it ends that connection at most", async (t) => {
	t.timeout(120_000);
	const psk = await obtainPsk(cloud.http, names("garbage"));
	const connect = rightConnect("garbage", psk);
	const packets = [
		connect,
		packet(0x82, Buffer.of(0, 1), text(`${product.id}/garbage/control`), Buffer.of(0)),
		packet(0x30, text(`${product.id}/garbage/event`), Buffer.from("{}")),
		packet(0x32, text(`${product.id}/garbage/event`), Buffer.of(0, 1), Buffer.from("{}")),
		packet(0x34, text(`${product.id}/garbage/event`), Buffer.of(0, 1), Buffer.from("{}")),
		packet(0xa2, Buffer.of(0, 2), text(`${product.id}/garbage/control`)),
		Buffer.of(0xc0, 0),
		Buffer.of(0x62, 2, 0, 1),
		Buffer.of(0xe0, 0),
	];
	const piece = fc.oneof(
		fc.constantFrom(...packets).chain(damagedBytes),
		fc.constantFrom(...packets),
		fc.uint8Array({ maxLength: 80 }),
	);
	await checkProperty(
		t,
		fc.tuple(fc.boolean(), fc.array(piece, { minLength: 1, maxLength: 6 })),
		async ([greeted, pieces]) => {
			const socket = await open(cloud.mqtt);
			socket.write(Buffer.concat(greeted ? [connect, ...pieces] : pieces));
			await Promise.race([gone(socket), sleep(3)]);
			socket.destroy();
		},
		{ runs: 400 },
	);
	await served(t, "after garbage");
	t.is(child.exitCode, null);
});

test.serial("garbage instead of HTTP gets an error or a disconnect", async (t) => {
	t.timeout(120_000);
	const nest = `{"payload":${"[".repeat(8000)}${"]".repeat(8000)}}`;
	const path = `products/tencent/${product.id}/devices/steady/messages`;
	t.is((await fetch(`${cloud.admin}/${path}`, { method: "POST", body: nest })).status, 400);
	const { headers, body } = v2Request("127.0.0.1", names("garbage"));
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	const requests = [
		`POST /device/register HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines.join("")}Content-Length: ${body.length}\r\n\r\n${body}`,
		`POST /register/dev HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
		`POST /auth/register/device HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n${aliyun.form({ productKey: "a", deviceName: "b" }).slice(0, 40)}`,
		`POST ${volcengine.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 60\r\n\r\n${volcengine.body({ productKey: "a", deviceName: "b" }).slice(0, 60)}`,
		'PUT /products/tencent/FUZZPROD01 HTTP/1.1\r\nHost: x\r\nContent-Length: 37\r\n\r\n{"secret":"a-secret-of-16-or-more-xx"}',
		"GET /products/tencent/%zz/devices/__proto__ HTTP/1.1\r\nHost: x\r\n\r\n",
	].map((request) => Buffer.from(request));
	const piece = fc.oneof(
		fc.constantFrom(...requests).chain(damagedBytes),
		fc.constantFrom(...requests),
		fc.uint8Array({ maxLength: 80 }),
	);
	await checkProperty(
		t,
		fc.tuple(fc.constantFrom("http", "admin", "https"), fc.array(piece, { minLength: 1, maxLength: 3 })),
		async ([name, pieces]) => {
			const socket = await open(cloud[name as "http"]);
			socket.write(Buffer.concat(pieces));
			await Promise.race([gone(socket), sleep(3)]);
			socket.destroy();
		},
		{ runs: 400 },
	);
	await served(t, "after garbage");
	t.is(child.exitCode, null);
});

test.serial("a connection has a hundred subscriptions at most, its own or not", async (t) => {
	const secret = JSON.parse(
		await aliyun.post(cloud.http, aliyun.form({ productKey: "fuzzKey0001", deviceName: "board-1" })),
	);
	const device = { productKey: "fuzzKey0001", deviceName: "board-1" };
	const client = await aliyun.open(cloud.mqtt, aliyun.session(device, secret.data.deviceSecret));
	let granted = 0;
	for (let batch = 0; batch < 20; batch++) {
		const topics = Array.from({ length: 150 }, (_, number) => `/fuzzKey0001/board-1/user/${batch}/${number}`);
		await new Promise<void>((resolve) =>
			client.subscribe(topics, (_error, _granted, packet) => {
				granted += (packet?.granted ?? []).filter((code) => Number(code) < 3).length;
				resolve();
			}),
		);
	}
	t.is(granted, 100);
	await client.unsubscribeAsync("/fuzzKey0001/board-1/user/0/1");
	t.is((await client.subscribeAsync("/fuzzKey0001/board-1/user/one-more"))[0]?.qos, 0);
	await new Promise<void>((resolve) =>
		client.subscribe(
			Array.from({ length: 500 }, (_, number) => `/other/board-${number}/user/get`),
			() => resolve(),
		),
	);
	await served(t, "with thousands of subscriptions");
	client.end(true);
});

test.serial("a stranger with the board's client id does not take its place", async (t) => {
	const right = login(names("steady"), boardPsk);
	const wrong = { ...right, password: `${"0".repeat(64)};hmacsha256` };
	for (const clientId of [right.clientId, `tencent/${product.id}/steady`, "", "#"])
		for (let times = 0; times < 20; times++) {
			const socket = await open(cloud.mqtt);
			socket.write(connectPacket({ ...wrong, clientId }));
			await Promise.race([gone(socket), sleep(20)]);
			socket.destroy();
		}
	await sleep(100);
	await served(t, "after eighty who were not the board");
});

test.serial("a replayed registration gets a new psk until activation, then nothing", async (t) => {
	const device = names("replayed");
	const { headers, body } = v2Request("127.0.0.1", device);
	const replay = async () => {
		const response = await fetch(`${cloud.http}/device/register`, { method: "POST", headers, body });
		return (await response.json()) as { Response: { Payload?: string; Error?: { Message: string } } };
	};
	const first = await replay();
	const second = await replay();
	t.truthy(first.Response.Payload);
	t.truthy(second.Response.Payload);
	t.not(first.Response.Payload, second.Response.Payload);
	const psk = await obtainPsk(cloud.http, device);
	(await connectAsync(cloud.mqtt, { ...login(device, psk), reconnectPeriod: 0 }, false)).end(true);
	t.is((await replay()).Response.Error?.Message, "Device has been activated");
	t.is((await registerV2(cloud.http, device)).Response.Error?.Message, "Device has been activated");
});

function text(value: string): Buffer {
	const bytes = Buffer.from(value);
	return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

function packet(type: number, ...parts: Buffer[]): Buffer {
	const body = Buffer.concat(parts);
	const length: number[] = [];
	for (let left = body.length; left > 0 || length.length === 0; left >>= 7)
		length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
	return Buffer.concat([Buffer.of(type, ...length), body]);
}

function connectPacket(fields: ReturnType<typeof login>): Buffer {
	const head = Buffer.concat([text("MQTT"), Buffer.of(4, 0xc2, 0, 60)]);
	return packet(0x10, head, text(fields.clientId), text(fields.username), text(fields.password));
}
