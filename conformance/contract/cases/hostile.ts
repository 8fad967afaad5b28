import type { Code } from "dynreg/contracts/error";
import type { Host, MqttConnection } from "dynreg/contracts/host";
import type { Failure } from "dynreg/core/errors";
import { parseJson } from "dynreg/core/json";
import type { ContractCase, Servers } from "./case.js";
import { deepFreeze } from "./deep-freeze.js";
import { expectEqual, expectFailure, expectThrow, expectTrue, sleep } from "./expect.js";
import { getRequest, httpEndpoint } from "./requests.js";

const deadline = 5000;
/** Short, where running into it is the point. */
const impatient = 700;

/** A beginning of an answer, what follows it without end, and milliseconds in between. */
type Endless = readonly [what: string, beginning: string, again: string, pause: number, code: Code];

const ok = "HTTP/1.1 200 OK\r\n";
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;
const kilobyte = "x".repeat(1024);

const endless: readonly Endless[] = deepFreeze([
	["a status line", "HTTP/1.1 200 ", kilobyte, 0, "answer-too-large"],
	["a header", `${ok}X-Header: `, kilobyte, 0, "answer-too-large"],
	["headers", ok, "X-Header: x\r\n".repeat(100), 0, "answer-too-large"],
	["what comes behind a chunk's size", `${chunked}1;`, kilobyte, 0, "answer-too-large"],
	["chunks", chunked, "1\r\nx\r\n".repeat(200), 0, "answer-too-large"],
	["a body that said how long it is", `${ok}Content-Length: 100000000\r\n\r\n`, kilobyte, 0, "answer-too-large"],
	["a body", `${ok}\r\n`, kilobyte, 0, "answer-too-large"],
	["a header, byte for byte", `${ok}X-Header: `, "x", 40, "timeout"],
	["a body, byte for byte", `${ok}Content-Length: 5000\r\n\r\n`, "x", 40, "timeout"],
]);

/** Answers that are none. What a host calls them is its parser's business, but it says so in time. */
const broken: readonly (readonly [what: string, answer: string])[] = deepFreeze([
	["a chunk of negative size", `${chunked}-5\r\nhello\r\n0\r\n\r\n`],
	["a chunk of no size", `${chunked}size\r\nhello\r\n0\r\n\r\n`],
	["a chunk larger than any number", `${chunked}${"f".repeat(400)}\r\nhello\r\n`],
	["a negative length", `${ok}Content-Length: -5\r\n\r\nhello`],
	["a length that is no number", `${ok}Content-Length: many\r\n\r\nhello`],
	["a status that is no number", "HTTP/1.1 two hundred\r\n\r\n"],
	["a header without a name", `${ok}: x\r\n\r\n`],
	["zeros", "\0".repeat(300)],
]);

/** Packets, hexadecimal, that end a session. */
const packets: readonly (readonly [what: string, hex: string, code: Code])[] = deepFreeze([
	["a message of 256 MB", "30ffffff7f000174", "answer-too-large"],
	["a message whose topic is longer than itself", "3005ffff616263", "bad-answer"],
	["the same, and more to come", `3005ffff616263${"3003000174".repeat(50)}`, "bad-answer"],
	["a message with a packet identifier that has no room", "3203000174", "bad-answer"],
	["a length that does not end", "308080808080", "bad-answer"],
]);

export const hostile: readonly ContractCase[] = deepFreeze([
	...endless.map((row): ContractCase => {
		const [what, beginning, again, pause, code] = row;
		return {
			name: `hostile: ${what} without end is ${code}`,
			async run(host, servers) {
				const path = `/endless/${encodeURIComponent(`${beginning}|${again}|${pause}`)}`;
				const wait = code === "timeout" ? impatient : deadline;
				await inTime(host, wait, () =>
					expectFailure(() => host.http.request(getRequest(httpEndpoint(servers), path), wait), "register", code),
				);
			},
		};
	}),
	{
		name: "hostile: invalid responses end in a failure or a response, in time",
		async run(host, servers) {
			for (const [what, answer] of broken) {
				const path = `/raw/${encodeURIComponent(answer)}`;
				try {
					await inTime(host, impatient, () => host.http.request(getRequest(httpEndpoint(servers), path), impatient));
				} catch (error) {
					expectTrue("phase" in (error as Failure), `${what} is a Failure (${String(error)})`);
				}
			}
			expectEqual(
				(await host.http.request(getRequest(httpEndpoint(servers), "/echo"), deadline)).status,
				200,
				"status afterwards",
			);
		},
	},
	{
		name: "hostile: a CONNACK that announces 256 MB is answer-too-large",
		async run(host, servers) {
			const options = { ...identity(servers), username: "raw-20ffffff7f0000" };
			await inTime(host, deadline, () =>
				expectFailure(() => host.mqtt.connect(options, quiet, deadline), "connect", "answer-too-large"),
			);
		},
	},
	{
		name: "hostile: anything else instead of a CONNACK is bad-answer",
		async run(host, servers) {
			for (const hex of ["3005000174616263", "9003000100", "ffff", "00000000"]) {
				const options = { ...identity(servers), username: `raw-${hex}` };
				await expectFailure(() => host.mqtt.connect(options, quiet, deadline), "connect", "bad-answer");
			}
		},
	},
	...packets.map((row): ContractCase => {
		const [what, hex, code] = row;
		return {
			name: `hostile: ${what} ends the session with ${code}`,
			async run(host, servers) {
				const { connection, told } = await connected(host, servers);
				connection.publish("raw", bytesOf(hex));
				await until(host, () => told.closed.length > 0);
				expectEqual(told.closed.join(), code, "closed");
				await expectFailure(() => connection.publish("t", "x"), "session", "connection-lost");
			},
		};
	}),
	{
		name: "hostile: unexpected acknowledgements are ignored",
		async run(host, servers) {
			const { connection, told } = await connected(host, servers);
			connection.subscribe("t");
			connection.publish("raw", bytesOf("9003ffff0040020001500200016202000170020001d000".repeat(100)));
			connection.publish("t", "still here");
			await until(host, () => told.messages > 0);
			expectEqual(told.closed.join(), "", "closed");
			expectEqual(told.messages, 1, "messages");
			connection.close();
		},
	},
	{
		name: "hostile: a nest that is deeper than a stack is no JSON",
		async run() {
			for (const opening of ["[", '{"a":'])
				for (const depth of [17, 1000, 10_000])
					expectThrow(() => parseJson(opening.repeat(depth)), `a nest of ${depth}`);
		},
	},
]);

const quiet = deepFreeze({ message() {}, closed() {} });

function identity({ name, mqtt }: Servers) {
	const endpoint = { secure: false, host: name, port: mqtt, trust: [] };
	return { endpoint, clientId: "c", username: "u", keepAlive: 60 };
}

async function connected(host: Host, servers: Servers): Promise<{ connection: MqttConnection; told: Told }> {
	const told: Told = { messages: 0, closed: [] };
	const events = {
		message: () => void told.messages++,
		closed: ({ code }: Failure) => void told.closed.push(code),
	};
	return { connection: await host.mqtt.connect(identity(servers), events, deadline), told };
}

interface Told {
	messages: number;
	readonly closed: Code[];
}

async function until(host: Host, condition: () => boolean): Promise<void> {
	for (let tries = 0; tries < deadline / 20 && !condition(); tries++) await sleep(host.timers, 20);
}

async function inTime(host: Host, wait: number, work: () => Promise<unknown>): Promise<void> {
	const started = host.clock.ticks();
	try {
		await work();
	} finally {
		const took = host.clock.ticks() - started;
		expectTrue(took < wait + 1500, `it ends within ${wait} ms (took ${took} ms)`);
	}
}

function bytesOf(hex: string): Uint8Array {
	return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
		Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
	);
}
