import { Journal } from "@dynreg/cloud/internal/server/journal";
import test from "ava";

const entry = (reason: string) => ({ transport: "http", operation: "http", verdict: "refused", reason }) as const;

test("the latest entries are kept, oldest first", (t) => {
	const journal = new Journal((text) => text, undefined, 3);
	for (const reason of ["a", "b", "c", "d", "e"]) journal.record(entry(reason));
	t.deepEqual(
		journal.entries().map(({ reason }) => reason),
		["c", "d", "e"],
	);
	journal.clear();
	t.deepEqual(journal.entries(), []);
	journal.record(entry("f"));
	t.is(journal.entries().length, 1);
});

test("what is recorded is watched, without the secrets in it", (t) => {
	const watched: string[] = [];
	const journal = new Journal(
		(text) => text.replaceAll("a-product-secret", "[secret]"),
		({ reason }) => watched.push(reason),
	);
	journal.record(entry("it sent a-product-secret twice: a-product-secret"));
	t.deepEqual(watched, ["it sent [secret] twice: [secret]"]);
});

test("what a device makes very long is cut", (t) => {
	const journal = new Journal((text) => text);
	journal.record(entry("x".repeat(60_000)));
	t.true((journal.entries()[0]?.reason.length ?? 0) < 600);
});
