import type { CloudDevice, SessionPlan } from "dynreg/contracts/cloud";
import type { Host, MqttConnection, MqttEvents, PublishOptions } from "dynreg/contracts/host";
import { connectionLost } from "dynreg/core/connection-errors";
import type { Failure } from "dynreg/core/errors";
import { Outbox } from "dynreg/outbox";
import { openSession } from "dynreg/session";
import { connected, deadline, Inbox, identity } from "./broker.js";
import type { ContractCase, Servers } from "./case.js";
import { deepFreeze } from "./deep-freeze.js";
import { expectEqual, expectFailure, expectTrue, sleep } from "./expect.js";

/** What the broker says of this client: `Report` in `conformance/peers/broker.ts`. */
interface Report {
	readonly received: number;
	readonly duplicates: number;
	readonly mostHeld: number;
	readonly reused: number;
	readonly acknowledged: number;
	readonly unsubscribed: readonly string[];
}

/** What became of a promise. */
interface Outcome {
	result?: unknown;
	failure?: Failure;
}

/** Packets by which a broker breaks the protocol, hexadecimal. */
const violations: readonly (readonly [what: string, hex: string])[] = deepFreeze([
	["a DISCONNECT", "e000"],
	["a message with QoS 2", "34060001740001aa"],
	["a message with QoS 3", "36060001740001aa"],
	["a second CONNACK", "20020000"],
	["a SUBSCRIBE", "8206000100017400"],
	["a PINGREQ", "c000"],
	["a packet of type 0", "0000"],
	["a packet of type 15", "f000"],
	["a PUBACK of one byte", "400100"],
	["a PUBACK of three bytes", "4003000100"],
	["a SUBACK of two bytes", "9002ffff"],
	["a SUBACK of four bytes", "9004ffff0000"],
	["an UNSUBACK of three bytes", "b003ffff00"],
	["a PINGRESP of one byte", "d00100"],
	["a message whose packet id has no room, and more to come", `3204000174003003000174`],
]);

/** PUBACK, SUBSCRIBE, UNSUBSCRIBE, and what they have to do with each other. */
export const acknowledgements: readonly ContractCase[] = deepFreeze([
	{
		name: "acknowledgements: with QoS 1, publish resolves at the PUBACK and not before",
		async run(host, servers) {
			const { connection } = await connected(host, servers);
			const outcome = watch(connection.publish("hold", "a", { qos: 1 }));
			await sleep(host.timers, 200);
			expectEqual(show(outcome), "waits", "publish before the PUBACK");
			connection.publish("release", "");
			await until(host, () => show(outcome) !== "waits");
			expectEqual(show(outcome), "undefined", "publish after the PUBACK");
			connection.close();
		},
	},
	{
		name: "acknowledgements: a message with QoS 1 comes back with QoS 1, and is acknowledged",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			expectEqual(await connection.subscribe("t", { qos: 1 }), 1, "granted QoS");
			for (const payload of ["one", "two", "three"]) await connection.publish("t", payload, { qos: 1 });
			await inbox.arrives(3);
			expectEqual(`${inbox.text(0)} ${inbox.text(1)} ${inbox.text(2)}`, "one two three", "payloads");
			const { received, acknowledged } = await reportOf(host, connection, inbox);
			expectEqual(`${received} ${acknowledged}`, "3 3", "messages with QoS 1 received and acknowledged");
			connection.close();
		},
	},
	{
		name: "acknowledgements: a message is acknowledged once the receiver has taken it",
		async run(host, servers) {
			const inbox = new Inbox(host);
			let release = (): void => {};
			const events: MqttEvents = {
				message(topic, payload) {
					inbox.message(topic, payload);
					if (topic !== "t") return undefined;
					return new Promise((resolve) => {
						release = resolve;
					});
				},
				closed: (failure) => inbox.closed(failure),
			};
			const observer = await connected(host, servers);
			const connection = await host.mqtt.connect(identity(servers), events, deadline);
			await connection.subscribe("t", { qos: 1 });
			await observer.connection.publish("t", "x", { qos: 1 });
			await inbox.arrives(1);
			connection.publish("report", "");
			await sleep(host.timers, 200);
			release();
			await inbox.arrives(2);
			expectEqual((JSON.parse(inbox.text(1)) as Report).acknowledged, 0, "acknowledged before it was taken");
			expectEqual((await reportOf(host, connection, inbox)).acknowledged, 1, "acknowledged after it was taken");
			connection.close();
			observer.connection.close();
		},
	},
	{
		name: "acknowledgements: the DUP flag is set when asked for, with QoS 1 only",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			await connection.publish("t", "x", { qos: 1 });
			await connection.publish("t", "x", { qos: 1, duplicate: true });
			await connection.publish("t", "x", { duplicate: true });
			const { received, duplicates } = await reportOf(host, connection, inbox);
			expectEqual(`${received} ${duplicates}`, "2 1", "messages with QoS 1, and those with DUP");
			connection.close();
		},
	},
	{
		name: "acknowledgements: subscribe resolves with the granted QoS, and rejects if it is refused",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			expectEqual(await connection.subscribe("t"), 0, "granted QoS by default");
			expectEqual(await connection.subscribe("t", { qos: 1 }), 1, "granted QoS 1");
			expectEqual(await connection.subscribe("grant-0", { qos: 1 }), 0, "granted less");
			const failure = await expectFailure(() => connection.subscribe("refused/a"), "session", "subscribe-refused");
			expectEqual(failure.value, "refused/a", "the topic of the failure");
			connection.subscribe("refused/ignored");
			connection.publish("t", "still here");
			await inbox.arrives(1);
			expectEqual(inbox.refusals.join(" "), "refused/a refused/ignored", "calls of refused");
			expectEqual(inbox.failures.length, 0, "calls of closed");
			connection.close();
		},
	},
	{
		name: "acknowledgements: unsubscribe ends a subscription",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			await connection.subscribe("t");
			expectEqual(await connection.unsubscribe("t"), undefined, "result");
			connection.publish("t", "to nobody");
			const { unsubscribed } = await reportOf(host, connection, inbox);
			expectEqual(unsubscribed.join(), "t", "filters unsubscribed");
			expectEqual(inbox.topics.join(), "report", "messages");
			connection.close();
		},
	},
	{
		name: "acknowledgements: what waits when the connection ends rejects with connection-lost",
		async run(host, servers) {
			for (const end of ["drop", "close"]) {
				const { connection, inbox } = await connected(host, servers);
				const waiting = [
					watch(connection.publish("hold", "x", { qos: 1 })),
					watch(connection.publish("hold", "x", { qos: 1 })),
					watch(connection.subscribe("unanswered")),
				];
				// Ignored: it must not become an unhandled rejection.
				connection.publish("hold", "x", { qos: 1 });
				await sleep(host.timers, 100);
				if (end === "close") connection.close();
				else {
					connection.publish("drop", "");
					await inbox.closes();
				}
				await until(host, () => waiting.every((outcome) => show(outcome) !== "waits"));
				expectEqual(waiting.map(show).join(" "), "connection-lost connection-lost connection-lost", `at ${end}`);
				for (const work of [
					() => connection.publish("t", "x", { qos: 1 }),
					() => connection.subscribe("t"),
					() => connection.unsubscribe("t"),
				])
					await expectFailure(work, "session", "connection-lost");
			}
		},
	},
	{
		name: "acknowledgements: those of another packet, or of another kind, settle nothing",
		async run(host, servers) {
			const { connection } = await connected(host, servers);
			const publish = watch(connection.publish("hold", "x", { qos: 1 }));
			// PUBACK for a high id; SUBACK, UNSUBACK, PUBREC, PUBREL and PUBCOMP for the first ones, of which one is the message's.
			let packets = "4002fff0";
			for (let id = 1; id < 8; id++) packets += `9003000${id}00b002000${id}5002000${id}6202000${id}7002000${id}`;
			connection.publish("raw", bytesOf(packets));
			await sleep(host.timers, 200);
			expectEqual(show(publish), "waits", "publish");
			connection.publish("release", "");
			await until(host, () => show(publish) !== "waits");
			expectEqual(show(publish), "undefined", "publish after its PUBACK");
			connection.close();
		},
	},
	{
		name: "acknowledgements: many messages with QoS 1, one after the other, all arrive",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			const count = 10 * (await messagesPerRound(host, connection));
			for (let number = 1; number < count; number++) await connection.publish("t", `${number}`, { qos: 1 });
			const { received, reused } = await reportOf(host, connection, inbox);
			expectEqual(`${received} ${reused}`, `${count} 0`, "messages, and packet ids used twice");
			connection.close();
		},
	},
	{
		name: "acknowledgements: a burst of 1,000 messages ends no session, and each promise settles",
		async run(host, servers) {
			for (const qos of [0, 1] as const) {
				const { connection, inbox } = await connected(host, servers);
				const [sent, full] = await burst(host, connection, 1000, "x", { qos });
				expectEqual(sent + full, 1000, `promises that settle, QoS ${qos}`);
				expectTrue(sent >= 10, `some of a burst are sent (${sent})`);
				const { received } = await reportOf(host, connection, inbox);
				if (qos === 1) expectEqual(received, sent, "messages that arrived, of those acknowledged");
				expectEqual(inbox.failures.length, 0, "calls of closed");
				connection.close();
			}
		},
	},
	{
		name: "acknowledgements: what a full queue refuses rejects when there may be room again, or at the end, and not before",
		async run(host, servers) {
			for (const end of ["release", "close"]) {
				const { connection } = await connected(host, servers);
				const observer = await connected(host, servers);
				const payload = new Uint8Array(900);
				let outcome: Outcome;
				let rounds = 0;
				// There is room again for some, once the network has taken the first.
				do {
					for (let count = 1; count < 400; count++) connection.publish("hold", payload, { qos: 1 });
					outcome = watch(connection.publish("hold", payload, { qos: 1 }));
					await sleep(host.timers, 300);
				} while (show(outcome) === "queue-full" && ++rounds < 5);
				expectEqual(show(outcome), "waits", "the last of many messages, none acknowledged");
				if (end === "close") connection.close();
				else await observer.connection.publish("release", "");
				await until(host, () => show(outcome) !== "waits");
				expectEqual(show(outcome), "queue-full", `after ${end}`);
				if (end === "release") {
					const again = watch(connection.publish("t", "x", { qos: 1 }));
					const latest = host.clock.ticks() + deadline;
					while (show(again) === "waits" && host.clock.ticks() < latest) {
						await observer.connection.publish("release", "");
						await sleep(host.timers, 50);
					}
					expectEqual(show(again), "undefined", "publish when there is room");
				}
				connection.close();
				observer.connection.close();
			}
		},
	},
	{
		name: "acknowledgements: a limited number of packets waits, with ids of their own, and the rest behind them",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			const observer = await connected(host, servers);
			const outcomes: Outcome[] = [];
			for (let count = 0; count < 100; count++)
				outcomes.push(watch(connection.publish("hold", `${count}`, { qos: 1 })));
			const end = host.clock.ticks() + deadline;
			while (outcomes.some((outcome) => show(outcome) === "waits") && host.clock.ticks() < end) {
				await observer.connection.publish("release", "");
				await sleep(host.timers, 50);
			}
			const sent = outcomes.filter((outcome) => show(outcome) === "undefined").length;
			const { received, reused, mostHeld } = await reportOf(host, connection, inbox);
			expectEqual(`${received} ${reused}`, `${sent} 0`, "messages, and packet ids used twice");
			expectTrue(mostHeld < 100, `fewer than 100 wait at once (${mostHeld})`);
			connection.close();
			observer.connection.close();
		},
	},
	{
		name: "acknowledgements: a broker that stops reading holds up publish, and ends no session",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			const payload = new Uint8Array(900);
			await connection.publish("stop-reading", "700");
			for (let count = 0; count < 100; count++) await connection.publish("t", payload);
			await connection.publish("t", payload, { qos: 1 });
			expectEqual((await reportOf(host, connection, inbox)).received, 1, "messages with QoS 1");
			expectEqual(inbox.failures.length, 0, "calls of closed");
			connection.close();
		},
	},
	{
		name: "acknowledgements: a message too large for the host is bad-message, and ends no session",
		async run(host, servers) {
			const { connection, inbox } = await connected(host, servers);
			for (const qos of [0, 1] as const) {
				const large = () => connection.publish("t", new Uint8Array(20_000), { qos });
				const failure = await expectFailure(large, "session", "bad-message");
				expectEqual(failure.reason, "too-large", "reason");
				expectTrue((failure.bytes ?? 0) > 20_000, `its size is told (${failure.bytes})`);
			}
			expectEqual((await reportOf(host, connection, inbox)).received, 0, "messages with QoS 1");
			connection.close();
		},
	},
	{
		name: "acknowledgements: an outbox's messages arrive through ten lost sessions, and each promise settles",
		async run(host, servers) {
			const observer = await arrivals(host, servers);
			const outbox = new Outbox({ maxBytes: 4096 });
			const { connection } = await connected(host, servers);
			const perRound = await messagesPerRound(host, connection);
			connection.close();
			const all = 10 * perRound;
			let settled = 0;
			let rejected = 0;
			const publish = (topic: string, number: number) => {
				outbox.publish(topic, `${number}`).then(
					() => {
						settled++;
					},
					() => {
						rejected++;
					},
				);
			};
			for (let round = 1; round <= 10; round++) {
				const session = await sessionWith(host, servers);
				outbox.attach(session);
				// The last of the round before: sent again, and acknowledged now.
				await until(host, () => observer.repeated() === round - 1);
				await observer.release();
				for (let number = perRound * (round - 1); number < perRound * round - 1; number++) {
					publish("counted", number);
					if (number - settled >= 20) await until(host, () => number - settled < 10);
				}
				publish("hold", perRound * round - 1);
				await until(host, () => observer.arrived() === perRound * round);
				session.publish("drop", "");
				await session.finished;
			}
			const session = await sessionWith(host, servers);
			outbox.attach(session);
			await until(host, () => observer.repeated() === 10);
			await observer.release();
			await until(host, () => settled + rejected === all);
			expectEqual(`${settled} ${rejected}`, `${all} 0`, "promises fulfilled and rejected");
			expectEqual(observer.arrived(), all, "messages that arrived");
			expectEqual(observer.repeated(), 10, "messages that arrived twice");
			session.close();
			observer.close();
		},
	},
	{
		name: "acknowledgements: for await yields a session's messages as text and JSON, and ends with it",
		async run(host, servers) {
			const session = await sessionWith(host, servers);
			await session.subscribe("spoken", { qos: 1 });
			for (const text of ['{"lamp":"è"}', "no JSON", "last"]) session.publish("spoken", text, { qos: 1 });
			const heard: string[] = [];
			for await (const message of session) {
				let json: unknown;
				try {
					json = message.json();
				} catch {
					json = "invalid";
				}
				heard.push(`${message.topic} ${message.text()} ${JSON.stringify(json)}`);
				if (message.text() === "last") session.close();
			}
			const expected = ['spoken {"lamp":"è"} {"lamp":"è"}', 'spoken no JSON "invalid"', 'spoken last "invalid"'];
			expectEqual(heard.join(), expected.join(), "messages");
			expectEqual(session.ended, true, "the session is over");
		},
	},
	...["two-grants", "no-grant", "grant-2", "grant-3", "grant-127", "grant-255"].map((row): ContractCase => {
		const filter = row;
		return {
			name: `acknowledgements: an invalid SUBACK, ${filter}, ends the session with bad-answer`,
			async run(host, servers) {
				const told: string[] = [];
				const connection = await host.mqtt.connect(identity(servers), listener(told), deadline);
				const outcome = watch(connection.subscribe(filter));
				await until(host, () => told.length > 0 && show(outcome) !== "waits");
				expectEqual(told.join(), "bad-answer", "closed");
				expectEqual(show(outcome), "connection-lost", "subscribe");
			},
		};
	}),
	...violations.map((row): ContractCase => {
		const [what, hex] = row;
		return {
			name: `acknowledgements: ${what} ends the session with bad-answer`,
			async run(host, servers) {
				const told: string[] = [];
				const connection = await host.mqtt.connect(identity(servers), listener(told), deadline);
				connection.publish("raw", bytesOf(hex));
				await until(host, () => told.length > 0);
				expectEqual(told.join(), "bad-answer", "what was told");
				await expectFailure(() => connection.publish("t", "x"), "session", "connection-lost");
			},
		};
	}),
]);

/** With an acknowledged message: 100, or fewer where one takes long, as over the SDK's sockets in the simulator: they look every 20 ms. */
async function messagesPerRound(host: Host, connection: MqttConnection): Promise<number> {
	const started = host.clock.ticks();
	await connection.publish("t", "0", { qos: 1 });
	return host.clock.ticks() - started < 10 ? 100 : 20;
}

function watch(promise: Promise<unknown>): Outcome {
	const outcome: Outcome = {};
	promise.then(
		(result) => {
			outcome.result = String(result);
		},
		(failure: Failure) => {
			outcome.failure = failure;
		},
	);
	return outcome;
}

function show({ result, failure }: Outcome): string {
	return failure ? failure.code : `${result ?? "waits"}`;
}

function listener(told: string[]): MqttEvents {
	return { message: (topic) => void told.push(topic), closed: ({ code }) => void told.push(code) };
}

/** A session as the firmware's, at the contract's broker. */
function sessionWith(host: Host, servers: Servers) {
	const plan: SessionPlan = {
		connect: identity(servers),
		connackError: () => connectionLost(),
		control: "control",
		event: "event",
		time: { topic: "time", request: "", responseTopic: "time", accept: () => undefined },
	};
	return openSession(host, plan, {
		identity: "cloud/product/device",
		product: "product",
		name: "device",
	} as CloudDevice);
}

/** Watches from another connection which numbers arrive at the broker. */
async function arrivals(host: Host, servers: Servers) {
	const counts = new Uint8Array(1000);
	let arrived = 0;
	let repeated = 0;
	const events: MqttEvents = {
		message(_topic, payload) {
			const number = Number(host.crypto.text(payload));
			if (counts[number] === 0) arrived++;
			else repeated++;
			counts[number] = 1;
		},
		closed() {},
	};
	const connection = await host.mqtt.connect({ ...identity(servers), clientId: "observer" }, events, deadline);
	await connection.subscribe("counted");
	await connection.subscribe("hold");
	return {
		arrived: () => arrived,
		repeated: () => repeated,
		/** Has the broker acknowledge what it holds. */
		release: () => connection.publish("release", ""),
		close: () => connection.close(),
	};
}

/** Publishes without waiting, 100 at a time. @returns how many were sent, and for how many the queue was full */
async function burst(
	host: Host,
	connection: MqttConnection,
	count: number,
	payload: string,
	options: PublishOptions,
): Promise<[sent: number, full: number]> {
	let sent = 0;
	let full = 0;
	let other = "";
	for (let published = 1; published <= count; published++) {
		connection.publish("t", payload, options).then(
			() => {
				sent++;
			},
			({ code }: Failure) => {
				if (code === "queue-full") full++;
				else other = code;
			},
		);
		if (published % 100 === 0) await until(host, () => sent + full === published || other !== "");
		if (other !== "") throw new Error(`publish rejects with ${other}`);
	}
	return [sent, full];
}

/** Behind all that has been sent. */
async function reportOf(host: Host, connection: MqttConnection, inbox: Inbox): Promise<Report> {
	const count = inbox.topics.length + 1;
	connection.publish("report", "");
	await until(host, () => inbox.topics.length >= count);
	await inbox.arrives(count);
	return JSON.parse(inbox.text(count - 1)) as Report;
}

async function until(host: Host, condition: () => boolean): Promise<void> {
	const end = host.clock.ticks() + deadline;
	while (!condition() && host.clock.ticks() < end) await sleep(host.timers, 10);
}

function bytesOf(hex: string): Uint8Array {
	return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
		Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
	);
}
