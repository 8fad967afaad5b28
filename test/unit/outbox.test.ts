import test from "ava";
import type { Bytes, PublishOptions } from "dynreg/contracts/host";
import type { Session } from "dynreg/contracts/session";
import { badMessage, connectionLost, queueFull } from "dynreg/core/connection-errors";
import { Failure } from "dynreg/core/errors";
import { Outbox } from "dynreg/outbox";

interface Sent {
	readonly topic: string;
	readonly payload: Bytes;
	readonly options: PublishOptions | undefined;
	acknowledge(): Promise<void>;
	fail(failure: Failure): Promise<void>;
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A session whose broker is the test. */
function open() {
	const sent: Sent[] = [];
	const session = {
		ended: false,
		publish: (topic: string, payload: Bytes, options?: PublishOptions) =>
			new Promise<void>((resolve, reject) => {
				sent.push({
					topic,
					payload,
					options,
					acknowledge() {
						resolve();
						return settled();
					},
					fail(failure) {
						reject(failure);
						return settled();
					},
				});
			}),
	};
	return { session: session as unknown as Session, sent, end: () => Object.assign(session, { ended: true }) };
}

const last = (sent: readonly Sent[]) => sent.at(-1) as Sent;

test("messages leave one after the other, in order, and resolve when they are acknowledged", async (t) => {
	const outbox = new Outbox({ maxBytes: 1000 });
	const { session, sent } = open();
	const acknowledged: string[] = [];
	outbox.publish("a", "1").then(() => acknowledged.push("1"));
	outbox.attach(session);
	outbox.publish("b", Uint8Array.of(2)).then(() => acknowledged.push("2"));
	t.deepEqual(
		sent.map(({ topic, payload, options }) => ({ topic, payload, options })),
		[{ topic: "a", payload: "1", options: { qos: 1, duplicate: false } }],
	);
	await last(sent).acknowledge();
	t.deepEqual(acknowledged, ["1"]);
	t.like(last(sent), { topic: "b", options: { qos: 1, duplicate: false } });
	t.deepEqual([...(last(sent).payload as Uint8Array)], [2]);
	await last(sent).acknowledge();
	t.deepEqual(acknowledged, ["1", "2"]);
	t.is(sent.length, 2);
});

test("what was not acknowledged is sent again in the next session, with DUP, and before what came later", async (t) => {
	const outbox = new Outbox({ maxBytes: 1000 });
	const first = open();
	const second = open();
	outbox.attach(first.session);
	outbox.publish("t", "1");
	outbox.publish("t", "2");
	await last(first.sent).fail(connectionLost());
	outbox.publish("t", "3");
	t.is(first.sent.length, 1);
	outbox.attach(second.session);
	for (let count = 0; count < 3; count++) await last(second.sent).acknowledge();
	t.deepEqual(
		second.sent.map(({ payload, options }) => `${payload} ${options?.duplicate}`),
		["1 true", "2 false", "3 false"],
	);
});

test("a session that ends after the next has begun leaves the next alone", async (t) => {
	const outbox = new Outbox({ maxBytes: 1000 });
	const first = open();
	const second = open();
	outbox.attach(first.session);
	outbox.publish("t", "1");
	outbox.attach(second.session);
	t.is(second.sent.length, 0);
	await last(first.sent).fail(connectionLost());
	t.deepEqual(
		second.sent.map(({ payload, options }) => `${payload} ${options?.duplicate}`),
		["1 true"],
	);
});

test("a message that does not fit is rejected at once, and there is room again after an acknowledgement", async (t) => {
	const outbox = new Outbox({ maxBytes: 2 * (64 + 1 + 10) });
	const { session, sent } = open();
	outbox.publish("t", "0123456789");
	outbox.publish("t", new Uint8Array(10));
	t.like(await t.throwsAsync<Failure>(outbox.publish("t", "")), { phase: "session", code: "queue-full" });
	outbox.attach(session);
	await last(sent).acknowledge();
	await t.notThrowsAsync(async () => void outbox.publish("t", "0123456789"));
	t.like(await t.throwsAsync<Failure>(outbox.publish("t", "")), { code: "queue-full" });
});

test("text counts as UTF-8", async (t) => {
	for (const text of ["a", "é", "设", "😀", "设é😀a"]) {
		const bytes = 64 + 1 + Buffer.byteLength(text);
		const isPending = async (maxBytes: number) => {
			const publish = new Outbox({ maxBytes }).publish("t", text).then(
				() => false,
				() => false,
			);
			return Promise.race([publish, settled().then(() => true)]);
		};
		t.true(await isPending(bytes), text);
		t.false(await isPending(bytes - 1), text);
	}
});

test("a message that the session refuses is rejected, and the next one is sent", async (t) => {
	const outbox = new Outbox({ maxBytes: 1000 });
	const { session, sent } = open();
	outbox.attach(session);
	const refused = outbox.publish("#", "1");
	outbox.publish("t", "2");
	await last(sent).fail(badMessage("topic", { value: "#" }));
	t.like(await t.throwsAsync<Failure>(refused), { code: "bad-message" });
	t.is(last(sent).payload, "2");
});

test("what the session's full queue has refused is sent again once there is room, without DUP and in order", async (t) => {
	const outbox = new Outbox({ maxBytes: 1000 });
	const { session, sent } = open();
	outbox.attach(session);
	const first = outbox.publish("t", "1");
	outbox.publish("t", "2");
	for (let refusals = 1; refusals <= 3; refusals++) {
		await last(sent).fail(queueFull());
		t.is(sent.length, refusals + 1);
	}
	await last(sent).acknowledge();
	await t.notThrowsAsync(first);
	t.deepEqual(
		sent.map(({ payload, options }) => `${payload} ${options?.duplicate}`),
		["1 false", "1 false", "1 false", "1 false", "2 false"],
	);
});

test("what was published or refused when the session was over is sent in the next one, without DUP", async (t) => {
	const outbox = new Outbox({ maxBytes: 1000 });
	const first = open();
	const second = open();
	outbox.attach(first.session);
	outbox.publish("t", "1");
	first.end();
	await last(first.sent).fail(queueFull());
	outbox.publish("t", "2");
	t.is(first.sent.length, 1);
	outbox.attach(second.session);
	for (let count = 0; count < 2; count++) await last(second.sent).acknowledge();
	t.deepEqual(
		second.sent.map(({ payload, options }) => `${payload} ${options?.duplicate}`),
		["1 false", "2 false"],
	);
});

test("what the first session acknowledges after the second has begun is not sent again", async (t) => {
	const outbox = new Outbox({ maxBytes: 1000 });
	const first = open();
	const second = open();
	outbox.attach(first.session);
	const message = outbox.publish("t", "1");
	outbox.publish("t", "2");
	outbox.attach(second.session);
	await last(first.sent).acknowledge();
	await t.notThrowsAsync(message);
	t.is(first.sent.length, 1);
	t.deepEqual(
		second.sent.map(({ payload, options }) => `${payload} ${options?.duplicate}`),
		["2 false"],
	);
});

test("any other failure is the message's own, and makes room for the next", async (t) => {
	const outbox = new Outbox({ maxBytes: 2 * (64 + 2) });
	const { session, sent } = open();
	outbox.attach(session);
	const failed = outbox.publish("t", "1");
	outbox.publish("t", "2");
	await last(sent).fail(new Failure("session", "unexpected", "retry"));
	t.like(await t.throwsAsync<Failure>(failed), { code: "unexpected" });
	t.like(last(sent), { payload: "2", options: { duplicate: false } });
	outbox.publish("t", "3");
	await last(sent).acknowledge();
	t.is(last(sent).payload, "3");
});

test("a payload keeps its bytes when the sender uses its buffer again", async (t) => {
	const outbox = new Outbox({ maxBytes: 1000 });
	const { session, sent } = open();
	const payload = Uint8Array.of(1);
	outbox.publish("t", payload);
	payload[0] = 2;
	outbox.attach(session);
	t.deepEqual([...(last(sent).payload as Uint8Array)], [1]);
});

test("a rejection that is ignored is no unhandled one", async (t) => {
	const unhandled: unknown[] = [];
	const listener = (reason: unknown) => unhandled.push(reason);
	process.on("unhandledRejection", listener);
	const outbox = new Outbox({ maxBytes: 100 });
	const { session, sent } = open();
	outbox.publish("t", new Uint8Array(100));
	outbox.publish("#", "");
	outbox.attach(session);
	await last(sent).fail(badMessage("topic", { value: "#" }));
	await new Promise((resolve) => setTimeout(resolve, 20));
	process.off("unhandledRejection", listener);
	t.deepEqual(unhandled, []);
});
