import { inspect } from "node:util";
import test from "ava";
import type { BoardEvent } from "dynreg/contracts/event";
import { redactingLog, Secret } from "dynreg/core/secret";

const secret = new Secret("not-a-real-secret");

test("invariant 8: a secret does not show in text, in JSON or in a debugger's view", (t) => {
	for (const shown of [
		`${secret}`,
		String(secret),
		JSON.stringify({ secret }),
		inspect(secret, { depth: 9, showHidden: true }),
	])
		t.false(shown.includes("not-a-real"));
	t.is(`${secret}`, "[secret]");
	t.is(JSON.stringify(secret), '"[secret]"');
});

test("a secret is revealed when asked", (t) => {
	t.is(secret.reveal(), "not-a-real-secret");
});

test("invariant 8: a secret in a text from outside is removed from the event", (t) => {
	const events: BoardEvent[] = [];
	const log = redactingLog((event) => events.push(event), [secret, new Secret("another-one")]);
	log({ event: "message", topic: "not-a-real-secret/x", payload: "not-a-real-secret another-one not-a-real-secret" });
	log({ event: "clock", now: 5 });
	t.deepEqual(events, [
		{ event: "message", topic: "[secret]/x", payload: "[secret] [secret] [secret]" },
		{ event: "clock", now: 5 },
	]);
});

test("a text of an event is cut behind 512 characters, between two of them, and after the secrets are out", (t) => {
	const events: BoardEvent[] = [];
	const log = redactingLog((event) => events.push(event), [secret]);
	const logged = (payload: string) => {
		log({ event: "message", topic: "t", payload });
		return (events.pop() as { payload: string }).payload;
	};
	t.is(logged("a".repeat(512)), "a".repeat(512));
	t.is(logged("a".repeat(513)), `${"a".repeat(511)}…`);
	t.is(logged("设".repeat(16_000)), `${"设".repeat(511)}…`);
	t.is(logged(`a${"😀".repeat(8000)}`), `a${"😀".repeat(255)}…`);
	t.is(logged("😀".repeat(8000)), `${"😀".repeat(255)}…`);
	for (let before = 480; before < 530; before++)
		t.false(logged(`${"a".repeat(before)}not-a-real-secret${"b".repeat(600)}`).includes("not"), `${before}`);
});

test("lists and numbers of an event stay what they are", (t) => {
	const events: BoardEvent[] = [];
	const log = redactingLog((event) => events.push(event), [secret]);
	const event = {
		event: "failed",
		phase: "connect",
		code: "certificate-untrusted",
		action: "needs-attention",
		names: ["a", "not-a-real-secret"],
		retryIn: 5,
	} as const;
	log(event);
	t.deepEqual(events, [{ ...event, names: ["a", "[secret]"] }]);
});
