/** Boards against servers over real sockets that send anything: each outcome has a type and comes in time, and nothing is stored. */

import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { createAuthority, issueCertificate } from "@dynreg/cloud/internal/certificates/certificate-authority";
import { createHost } from "@dynreg/node/internal/host";
import { startBoard } from "@dynreg/xs/internal/board";
import test from "ava";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Endpoint } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import fc from "fast-check";
import { InMemoryFlash } from "../support/flash.js";
import { closeSession, cloudWithProduct, startTestBoard } from "../unit/board-with-real-cloud.js";
import { damagedBytes } from "./hostile-values.js";
import { assertPresentable, checkProperty } from "./properties.js";

/** What the server says next, a piece at a time, and whether it hangs up then. */
interface Speech {
	readonly pieces: readonly Uint8Array[];
	readonly end: boolean;
}

const silence: Speech = { pieces: [], end: true };

class Speaker {
	speech: Speech = silence;
	port = 0;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();

	constructor(tls?: { readonly chain: string; readonly key: string }) {
		const speak = (socket: Socket) => {
			socket.on("error", () => {});
			socket.once("data", () => {
				for (const piece of this.speech.pieces) socket.write(piece);
				if (this.speech.end) socket.end();
			});
		};
		this.#server = tls ? createTlsServer({ cert: tls.chain, key: tls.key }, speak) : createServer(speak);
		this.#server.on("connection", (socket: Socket) => this.#sockets.add(socket));
	}

	async listen(): Promise<this> {
		await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
		this.port = (this.#server.address() as { port: number }).port;
		return this;
	}

	close(): void {
		this.#server.close();
		for (const socket of this.#sockets) socket.destroy();
	}

	get endpoint(): Endpoint {
		return { secure: false, host: "127.0.0.1", port: this.port, trust: [] };
	}
}

function speeches(...right: readonly Uint8Array[]): fc.Arbitrary<Speech> {
	const piece = fc.oneof(
		{ weight: 5, arbitrary: fc.constantFrom(...right).chain(damagedBytes) },
		{ weight: 2, arbitrary: fc.constantFrom(...right) },
		{ weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
	);
	return fc.record({ pieces: fc.array(piece, { minLength: 1, maxLength: 5 }), end: fc.boolean() });
}

const answers = [
	'HTTP/1.1 200 OK\r\nContent-Length: 17\r\nDate: Tue, 20 Oct 2026 07:28:00 GMT\r\n\r\n{"code":0,"len":1}',
	'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n',
	"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 120\r\nConnection: close\r\n\r\nbusy",
	"HTTP/1.1 100 Continue\r\n\r\n",
	"HTTP/1.1 301 Moved\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
].map((text) => Buffer.from(text));

const connack = Buffer.of(0x20, 2, 0, 0);
const packets = [
	connack,
	Buffer.from("\x30\x0b\0\x05topictext", "latin1"),
	Buffer.from("\x32\x0d\0\x05topic\0\x01text", "latin1"),
	Buffer.from("\x34\x0d\0\x05topic\0\x02text", "latin1"),
	// Messages to be acknowledged by a number that they lack.
	Buffer.from("\x32\x03\0\x01t", "latin1"),
	Buffer.from("\x34\x04\0\x01t\0", "latin1"),
	Buffer.of(0x62, 1, 0),
	Buffer.of(0x50, 1, 0),
	Buffer.of(0x62, 2, 0, 2),
	Buffer.of(0x90, 3, 0, 1, 0),
	Buffer.of(0xb0, 2, 0, 1),
	Buffer.of(0xd0, 0),
	Buffer.of(0xc0, 0),
	Buffer.of(0xe0, 0),
	Buffer.of(0x40, 2, 0, 1),
];

/** Milliseconds that a request or a connection is given. */
const deadline = 150;

test("Node: any HTTP response is a result or a failure, in time", async (t) => {
	const server = await new Speaker().listen();
	t.teardown(() => server.close());
	const { http } = createHost({ log: () => {} });
	await checkProperty(
		t,
		speeches(...answers),
		async (speech) => {
			server.speech = speech;
			const request = { method: "POST", path: "/", headers: [], body: "{}", maxResponseBytes: 1000 } as const;
			await inTime(async () => {
				const { body } = await http.request({ ...request, endpoint: server.endpoint }, deadline);
				if (body.length > 1000) throw new Error("more than a thousand bytes");
			});
		},
		{ runs: 300 },
	);
});

test("Node: any packets from a broker are a session, messages or a failure, in time", async (t) => {
	const server = await new Speaker().listen();
	t.teardown(() => server.close());
	const { mqtt } = createHost({ log: () => {} });
	const speech = fc.tuple(fc.boolean(), speeches(...packets)).map(([greeted, { pieces, end }]) => ({
		pieces: greeted ? [connack, ...pieces] : pieces,
		end,
	}));
	await checkProperty(
		t,
		speech,
		async (each) => {
			server.speech = each;
			const closed: Failure[] = [];
			const events = { message() {}, closed: (failure: Failure) => closed.push(failure) };
			await inTime(async () => {
				const options = { endpoint: server.endpoint, clientId: "c", username: "u", keepAlive: 60 };
				const connection = await mqtt.connect(options, events, deadline);
				await new Promise((resolve) => setTimeout(resolve, 5));
				connection.close();
			});
			if (closed.length > 1) throw new Error("closed twice");
		},
		{ runs: 400 },
	);
});

async function inTime(work: () => Promise<void>): Promise<void> {
	const started = performance.now();
	try {
		await work();
	} catch (error) {
		if (!(error instanceof Failure) || error.code === "unexpected") throw error;
		assertPresentable(error);
	}
	const took = performance.now() - started;
	// Generous, since the machine may be busy: without a deadline nothing would settle at all.
	if (took > deadline + 20_000) throw new Error(`it took ${took} ms`);
}

/** Registers and connects at servers that say what the seed makes of right answers. */
async function hostileServers() {
	const authority = await createAuthority();
	const certificate = await issueCertificate(authority, { names: ["127.0.0.1"] });
	return [await new Speaker(certificate).listen(), await new Speaker(certificate).listen(), authority] as const;
}

test("Node: with hostile TLS servers nothing is stored; with good ones it is online", async (t) => {
	const { mkdtemp, rm, writeFile } = await import("node:fs/promises");
	const { join } = await import("node:path");
	const { tmpdir } = await import("node:os");
	const folder = await mkdtemp(join(tmpdir(), "dynreg-fuzz-"));
	const [web, broker, authority] = await hostileServers();
	const cloud = await cloudWithProduct(t);
	t.teardown(async () => {
		web.close();
		broker.close();
		await rm(folder, { recursive: true });
	});
	const ca = join(folder, "authorities.pem");
	await writeFile(ca, authority.certificate);
	const hostile = {
		...cloud.configuration,
		ca,
		endpoints: { register: `https://127.0.0.1:${web.port}`, mqtt: `mqtts://127.0.0.1:${broker.port}` },
	};
	await checkProperty(
		t,
		fc.array(speeches(...answers), { minLength: 3, maxLength: 3 }),
		async (each) => {
			const flash = new InMemoryFlash(4000);
			let number = 0;
			web.speech = each[0] ?? silence;
			const failed = (count: number, events: readonly BoardEvent[]) =>
				events.filter(({ event }) => event === "failed").length >= count;
			// Hangs up in the end: a board waits for twenty seconds, and so would this test.
			web.speech = { ...web.speech, end: true };
			const board = startTestBoard(hostile, {
				flash,
				onSleep: () => {
					web.speech = { ...(each[++number] ?? silence), end: true };
				},
			});
			await board.until(() => failed(3, board.events));
			board.off();
			for (const event of board.events)
				if (event.event === "failed" && event.code === "unexpected") throw new Error(event.message);
			if (flash.steps > 0) throw new Error("something is stored");
		},
		{ runs: 60 },
	);
	await startTestBoard(cloud.configuration, { application: closeSession }).ended;
	t.true(cloud.requests().includes("connect accepted"));
});

test("XS: with hostile servers nothing is stored; with good ones it is online", async (t) => {
	const web = await new Speaker().listen();
	const cloud = await cloudWithProduct(t);
	t.teardown(async () => {
		web.close();
	});
	const body = (bytes: Uint8Array) =>
		Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`), bytes]);
	const nests = ['{"Response":', "[", '{"a":[{"b":'].map((opening) => body(Buffer.from(opening.repeat(600))));
	const refusal = body(Buffer.from('{"Response":{"Error":{"Code":{"toString":1},"Message":{"toString":1}}}}'));
	const payload = body(Buffer.from('{"Response":{"Len":53,"Payload":{"length":2147483647}}}'));
	for (const piece of [...nests, refusal, payload, body(Buffer.alloc(9000, 120)), Buffer.alloc(300)]) {
		web.speech = { pieces: [piece], end: true };
		const events: BoardEvent[] = [];
		const endpoints = { register: `http://127.0.0.1:${web.port}`, mqtt: cloud.urls.mqtts };
		const configuration = { ...cloud.configuration, endpoints, dangerouslyAllowPlain: true };
		await new Promise<void>((resolve, reject) => {
			startBoard({
				configuration,
				onEvent(event) {
					events.push(event);
					if (event.event === "failed") resolve();
				},
			}).then((board) => {
				t.teardown(() => board.kill());
				board.exited.then(({ killed, message }) => killed || reject(new Error(message)));
			}, reject);
		});
		const last = events.at(-1);
		t.true(last?.event === "failed" && last.phase === "register" && last.code !== "unexpected", JSON.stringify(last));
		t.false(events.some(({ event }) => event === "stored"));
	}
	await new Promise<void>((resolve, reject) => {
		startBoard({
			configuration: cloud.configuration,
			onEvent: ({ event }) => event === "online" && resolve(),
		}).then((board) => t.teardown(() => board.kill()), reject);
	});
});
