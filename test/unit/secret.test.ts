import { inspect } from "node:util";
import test from "ava";
import type { BoardEvent } from "dynreg/contracts/event";
import { redacting, Secret } from "dynreg/core/secret";

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

test("invariant 8: a secret that a text from outside happens to hold is cut out of the event", (t) => {
	const events: BoardEvent[] = [];
	const log = redacting((event) => events.push(event), [secret, new Secret("another-one")]);
	log({ event: "message", topic: "not-a-real-secret/x", payload: "not-a-real-secret another-one not-a-real-secret" });
	log({ event: "clock", now: 5 });
	t.deepEqual(events, [
		{ event: "message", topic: "[secret]/x", payload: "[secret] [secret] [secret]" },
		{ event: "clock", now: 5 },
	]);
});
