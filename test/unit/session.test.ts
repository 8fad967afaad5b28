import test from "ava";
import type { CloudDevice, MqttExchange, TimeService } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Clock, Host, MqttConnection, MqttEvents, PublishOptions, SubscribeOptions } from "dynreg/contracts/host";
import { subscribeRefused } from "dynreg/core/connection-errors";
import type { Failure } from "dynreg/core/errors";
import { register } from "dynreg/registration";
import { LiveSession, setClock } from "dynreg/session";

const device = { identity: "cloud/product/name", product: "product", name: "name" } as const;

/** A session, and a time that stands still between two `pass`. */
function open(lifetime?: number) {
	const durations: number[] = [];
	const timers = new Set<() => void>();
	const events: BoardEvent[] = [];
	/** How many bytes became text. */
	const sizes: number[] = [];
	const host = {
		crypto: {
			text(bytes: Uint8Array) {
				sizes.push(bytes.length);
				return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
			},
		},
		log: (event: BoardEvent) => events.push(event),
		clock: { ticks: () => 0 },
		timers: {
			after(duration: number, action: () => void) {
				durations.push(duration);
				timers.add(action);
				return () => timers.delete(action);
			},
		},
	} as unknown as Host;
	const time = { topic: "ask", request: "time?", responseTopic: "time" } as TimeService;
	const session = new LiveSession(host, { control: "c", event: "e", time, lifetime } as never, device as CloudDevice);
	const calls: unknown[][] = [];
	const connection: MqttConnection = {
		async publish(topic: string, payload: unknown, options?: PublishOptions) {
			calls.push(["publish", topic, payload, options]);
		},
		async subscribe(filter: string, options?: SubscribeOptions) {
			calls.push(["subscribe", filter, options]);
			return options?.qos ?? 0;
		},
		async unsubscribe(filter: string) {
			calls.push(["unsubscribe", filter]);
		},
		close() {
			closed++;
		},
	};
	let closed = 0;
	session.attach(connection);
	return {
		session,
		connection,
		events,
		sizes,
		/** Of the connection. */
		calls,
		/** How often the connection was closed. */
		closed: () => closed,
		/** Timers that have neither fired nor been cancelled. */
		timersLeft: () => timers.size,
		/** Milliseconds of each timer. */
		durations,
		/** 5 s of it. */
		async pass() {
			for (const action of [...timers]) if (timers.delete(action)) action();
			await settled();
		},
		/** @returns whether there is room for another */
		async message(bytes = 0): Promise<boolean> {
			let hasRoom = false;
			Promise.resolve(session.message("t", new Uint8Array(bytes))).then(() => {
				hasRoom = true;
			});
			await settled();
			return hasRoom;
		},
	};
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("the host waits from the sixteenth message on, until the application has received all", async (t) => {
	const { session, message, timersLeft } = open();
	for (let count = 1; count < 16; count++) t.true(await message(), `${count}`);
	let resumed = 0;
	Promise.resolve(session.message("t", new Uint8Array(0))).then(() => resumed++);
	for (let count = 16; count > 1; count--) await session.receive();
	await settled();
	t.is(resumed, 0);
	t.is(timersLeft(), 1);
	t.is((await session.receive())?.topic, "t");
	await settled();
	t.is(resumed, 1);
	t.is(timersLeft(), 0);
});

test("the host waits behind 2 KB, too", async (t) => {
	const { message } = open();
	t.true(await message(1000));
	t.true(await message(1000));
	t.false(await message(100));
	const long = open();
	long.session.message("t".repeat(2000), new Uint8Array(0));
	t.false(await long.message(100), "topics count as well");
});

test("300 messages that arrive at once all reach an application that only counts", async (t) => {
	for (const bytes of [200, 1000]) {
		const { session, events, timersLeft } = open();
		let received = 0;
		const counting = (async () => {
			while ((await session.receive()) !== undefined) received++;
		})();
		for (let count = 0; count < 300; count++) await session.message("t", new Uint8Array(bytes));
		await settled();
		session.close();
		await counting;
		t.is(received, 300);
		t.deepEqual(events, []);
		t.is(timersLeft(), 0);
	}
});

test("an idle application loses the oldest messages, and an event counts them", async (t) => {
	const { session, events, message, pass, timersLeft } = open();
	for (let count = 0; count < 15; count++) await message();
	let resumed = false;
	Promise.resolve(session.message("t", new Uint8Array(0))).then(() => {
		resumed = true;
	});
	await pass();
	t.false(resumed);
	await pass();
	t.true(resumed);
	for (let count = 0; count < 3; count++) t.true(await message(), "nobody waits for it now");
	t.deepEqual(events, []);
	await pass();
	t.deepEqual(events, [{ event: "dropped", count: 3 }]);
	await pass();
	t.is(events.length, 1);
	for (let count = 0; count < 16; count++) t.is((await session.receive())?.topic, "t");
	t.is(timersLeft(), 0);
	for (let count = 0; count < 15; count++) t.true(await message());
	t.false(await message(), "it is waited for again");
});

test("a session that is over is watched no longer", async (t) => {
	const { session, events, message, timersLeft } = open();
	for (let count = 0; count < 20; count++) await message();
	t.is(timersLeft(), 1);
	session.closed(undefined);
	t.is(timersLeft(), 0);
	t.deepEqual(events, [{ event: "dropped", count: 4 }]);
	while (await session.receive());
	await message();
	t.is(timersLeft(), 0);
	t.is(events.length, 1);
});

test("messages that were dropped are reported once the application has received the rest", async (t) => {
	const { session, events, message, timersLeft } = open();
	for (let count = 0; count < 18; count++) await message();
	for (let count = 0; count < 15; count++) await session.receive();
	t.deepEqual(events, []);
	await session.receive();
	t.deepEqual(events, [{ event: "dropped", count: 2 }]);
	t.is(timersLeft(), 0);
});

test("a time that is impossible, or before the build date, leaves the clock as it was", (t) => {
	const build = Date.UTC(2026, 10, 1);
	const right = Date.UTC(2027, 0, 1);
	for (const before of [right, undefined])
		for (const [time, taken] of [
			[Date.UTC(1970, 0, 1), false],
			[Date.UTC(2026, 0, 2), false],
			[Date.UTC(2026, 10, 2), true],
			[Date.UTC(2038, 0, 20), true],
			[Date.UTC(2060, 0, 1), true],
			[Date.UTC(2100, 0, 1), false],
			[Number.NaN, false],
		] as const) {
			let now = before ?? 0;
			const clock = {
				now: () => (now < build ? undefined : now),
				set(time: number) {
					now = time;
				},
			} as Clock;
			t.is(setClock(clock, time), taken);
			t.is(clock.now(), taken ? time : before);
		}
});

test("the connection is asked for what the application asks for", async (t) => {
	const { session, calls } = open();
	t.is(await session.publish("a/b", "text", { qos: 1, duplicate: true }), undefined);
	t.is(await session.subscribe("a/+/c/#", { qos: 1 }), 1);
	t.is(await session.subscribe("#"), 0);
	t.is(await session.unsubscribe("+"), undefined);
	t.deepEqual(calls, [
		["publish", "a/b", "text", { qos: 1, duplicate: true }],
		["subscribe", "a/+/c/#", { qos: 1 }],
		["subscribe", "#", undefined],
		["unsubscribe", "+"],
	]);
});

test("an invalid topic or filter is bad-message, and nothing is sent", async (t) => {
	const { session, calls } = open();
	for (const topic of ["", "a/+", "#", "a/#", "a+b", "a\0b"])
		t.like(await t.throwsAsync<Failure>(session.publish(topic, "")), {
			phase: "session",
			code: "bad-message",
			reason: "topic",
			value: topic,
		});
	for (const filter of ["", "a#", "#/a", "a/#/b", "a+", "+a/b", "a/b+", "##", "++", "a\0b"])
		for (const work of [session.subscribe(filter), session.unsubscribe(filter)])
			t.like(await t.throwsAsync<Failure>(work), { code: "bad-message", reason: "filter", value: filter });
	t.deepEqual(calls, []);
});

test("close closes the connection, once", (t) => {
	const { session, closed } = open();
	session.close();
	session.close();
	t.is(closed(), 1);
	t.true(session.isClosed());
});

test("a connection that was lost before it could be attached is not used", async (t) => {
	const { session, connection, calls } = open();
	session.closed(undefined);
	session.attach(connection);
	t.like(await t.throwsAsync<Failure>(session.publish("t", "")), { code: "connection-lost" });
	t.deepEqual(calls, []);
});

test("an operation after the end of the session rejects with connection-lost", async (t) => {
	const { session, calls } = open();
	session.close();
	for (const work of [session.publish("t", ""), session.subscribe("t"), session.unsubscribe("t")])
		t.like(await t.throwsAsync<Failure>(work), { phase: "session", code: "connection-lost" });
	t.deepEqual(calls, []);
});

test("a refused subscription is an event that names the topic", async (t) => {
	const { session, events, calls } = open();
	session.setup();
	await settled();
	t.deepEqual(
		calls.map(([operation, topic]) => `${operation} ${topic}`),
		["subscribe c", "subscribe time", "publish ask"],
	);
	t.deepEqual(events, []);
	session.refused(subscribeRefused("c"));
	t.like(events, [{ event: "failed", phase: "session", code: "subscribe-refused", value: "c" }]);
	t.is(events.length, 1);
});

const bytesOf = (text: string) => new TextEncoder().encode(text);

test("identity and topics are the device's", (t) => {
	const { session } = open();
	t.deepEqual(session.identity, { cloud: "cloud", product: "product", deviceName: "name" });
	t.deepEqual(session.topics, { control: "c", event: "e" });
});

test("for await yields the messages in order, and ends with the session", async (t) => {
	const { session, message, timersLeft } = open();
	await message(1);
	await message(2);
	const lengths: number[] = [];
	const reading = (async () => {
		for await (const { payload } of session) lengths.push(payload.length);
		return "over";
	})();
	await settled();
	t.deepEqual(lengths, [1, 2]);
	await message(3);
	t.deepEqual(lengths, [1, 2, 3]);
	session.close();
	t.is(await reading, "over");
	t.deepEqual(await session.next(), { value: undefined, done: true });
	t.is(timersLeft(), 0);
});

test("for await yields what arrived before the end of the session, then ends", async (t) => {
	const { session, message } = open();
	await message(1);
	await message(2);
	session.close();
	const lengths: number[] = [];
	for await (const { payload } of session) lengths.push(payload.length);
	t.deepEqual(lengths, [1, 2]);
});

test("a loop that is left leaves the other messages, and the session", async (t) => {
	const { session, message } = open();
	await message(1);
	await message(2);
	for await (const { payload } of session) {
		t.is(payload.length, 1);
		break;
	}
	t.false(session.ended);
	t.is((await session.receive())?.payload.length, 2);
});

test("a message is text, or JSON", async (t) => {
	const { session } = open();
	for (const text of ['{"lamp":"on"}', "è", "{", "[".repeat(17) + "]".repeat(17)]) session.message("t", bytesOf(text));
	session.message("t", new Uint8Array([0x80]));
	const json = await session.receive();
	t.is(json?.text(), '{"lamp":"on"}');
	t.deepEqual(json?.json(), { lamp: "on" });
	t.is((await session.receive())?.text(), "è");
	for (let count = 0; count < 2; count++) {
		const invalid = await session.receive();
		t.throws(() => invalid?.json());
	}
	const binary = await session.receive();
	t.throws(() => binary?.text());
	t.throws(() => binary?.json());
});

test("all of a long message becomes JSON", async (t) => {
	const { session } = open();
	const value = { text: "a".repeat(16_000) };
	session.message("t", bytesOf(JSON.stringify(value)));
	t.deepEqual((await session.receive())?.json(), value);
});

test("of a long message the beginning becomes text, up to the end of a character", async (t) => {
	const { session, sizes } = open();
	for (const text of ["a".repeat(4096), "a".repeat(16_000), "设".repeat(5000), `ab${"😀".repeat(4000)}`]) {
		session.message("t", bytesOf(text));
		const message = await session.receive();
		t.true(text.startsWith(message?.text(4096) ?? "no"));
	}
	t.deepEqual(sizes, [4096, 4096, 4095, 4094]);
});

for (const outcome of ["accepted", "refused", "timeout"] as const)
	test(`a registration over MQTT leaves no connection and no timer: ${outcome}`, async (t) => {
		const timers = new Set<() => void>();
		let events: MqttEvents | undefined;
		let closed = 0;
		const host = {
			timers: {
				after(_: number, action: () => void) {
					timers.add(action);
					return () => timers.delete(action);
				},
			},
			mqtt: {
				async connect(_: unknown, given: MqttEvents) {
					events = given;
					return { close: () => closed++ };
				},
			},
		} as unknown as Host;
		const credential = { kind: "key" };
		const exchange = {
			connect: { endpoint: { secure: true, host: "broker", port: 8883 } },
			accept(topic: string) {
				if (topic === "refused") throw new Error("refused");
				return credential;
			},
		} as unknown as MqttExchange;
		const registering = register(host, exchange);
		await settled();
		t.is(timers.size, 1);
		t.is(closed, 0);
		if (outcome === "timeout") for (const action of timers) action();
		else events?.message(outcome, new Uint8Array(0));
		if (outcome === "accepted") t.is(await registering, credential as never);
		else {
			const message = outcome === "timeout" ? /^timeout broker/ : /^refused$/;
			await t.throwsAsync(registering, { message });
		}
		t.is(timers.size, 0);
		t.is(closed, 1);
	});

test("a session with a lifetime ends then in an orderly way, and says that it is renewed", async (t) => {
	const { session, closed, durations, pass, timersLeft } = open(3_000_000);
	t.is(timersLeft(), 0, "it begins when the session is online");
	session.setup();
	t.deepEqual(durations, [3_000_000]);
	const received = session.receive();
	await pass();
	t.is(closed(), 1);
	t.like(await session.finished, { phase: "session", code: "ordered", action: "retry", reason: "renewal" });
	t.is(await received, undefined);
	t.false(session.isClosed(), "the device stays online");
});

test("a session that is over has no lifetime left, and one without a lifetime has no timer", async (t) => {
	const lost = open(3_000_000);
	lost.session.setup();
	lost.session.closed(undefined);
	await settled();
	t.is(lost.timersLeft(), 0);
	const endless = open();
	endless.session.setup();
	t.is(endless.timersLeft(), 0);
});
