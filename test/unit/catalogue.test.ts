/**
 * That the sentences keep the rules of style, and that each one can be had: from the code that fails with it, in the
 * very case that the sentence claims.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadAuthorities } from "@dynreg/node/internal/authorities";
import { createClock } from "@dynreg/node/internal/clock";
import { createStorage } from "@dynreg/node/internal/storage";
import test from "ava";
import type { Failure } from "dynreg/core/errors";
import { catalogue } from "dynreg/messages/catalogue";
import { sentence } from "dynreg/messages/sentence";

const banned =
	/\b(mend|whoever|is due|will not do|strikes?|tells|comes of|has it that|goes by|looked|the life of|somebody|nobody|answers?|reply|replies)\b/i;

const all = Object.entries(catalogue).flatMap(([code, { messages, note }]) => [
	...Object.entries(messages).flatMap(([reason, parts]) =>
		parts.map((text) => ({ id: `${code} ${reason}`, text: text ?? "" })),
	),
	...(note === undefined ? [] : [{ id: `${code} note`, text: note }]),
]);

test("a sentence of the catalogue has at most 20 words, ends, and uses the field's words", (t) => {
	t.true(all.length > 90);
	for (const { id, text } of all) {
		t.notRegex(text, banned, id);
		if (text !== "Unexpected error: SAID") t.regex(text, /[.)]$/, id);
		for (const each of text.split(/(?<=[.!?]) /)) {
			t.true(each.split(" ").length <= 20, `${id}: ${each}`);
		}
	}
});

function failureOf(work: () => unknown): Failure {
	try {
		work();
	} catch (error) {
		return error as Failure;
	}
	throw new Error("it did not fail");
}

test("a desktop's flash file has a sentence for each way in which it cannot be used", (t) => {
	const folder = mkdtempSync(join(tmpdir(), "dynreg-sentences-"));
	t.teardown(() => rmSync(folder, { recursive: true }));
	const file = join(folder, "flash");
	const said = (work: () => unknown) => sentence(failureOf(work)).replaceAll(folder, "~");
	writeFileSync(file, "a letter");
	t.is(
		said(() => createStorage(file)),
		"The file ~/flash does not hold a board's flash. Name another file, or delete this file for an empty flash.",
	);
	t.is(
		said(() => createStorage(folder)),
		"The file ~ cannot be read (EISDIR: illegal operation on a directory). Check the path and its permissions, or name another file.",
	);
	t.regex(
		said(() => createStorage(join(file, "below"))),
		/^The file ~\/flash\/below cannot be read \(ENOTDIR: not a directory\)\. Check the path/,
	);
	t.is(
		said(() => createStorage(join(folder, "none", "flash"))),
		"The folder ~/none for the board's flash does not exist. Make the folder, or name a file in another folder.",
	);
	const later = join(folder, "later");
	const storage = createStorage(join(folder, "board"));
	t.regex(
		said(() => storage.set("Key!", Uint8Array.of(1))),
		/The key "Key!" is invalid: expected 1 to 15 characters of a-z and 0-9\./,
	);
	t.regex(
		said(() => storage.set("a", new Uint8Array(5000))),
		/^The flash cannot be written\. The value of a has 5000 bytes, more than one key holds\./,
	);
	rmSync(later, { force: true });
	const lost = mkdtempSync(join(tmpdir(), "dynreg-sentences-"));
	const gone = createStorage(join(lost, "flash"));
	rmSync(lost, { recursive: true });
	t.regex(
		sentence(failureOf(() => gone.set("a", Uint8Array.of(1)))),
		/^The file .* cannot be written \(ENOENT: no such file or directory\)\. Check the folder, its permissions/,
	);
});

test("a computer date before the build date is reported; silent time servers are named", async (t) => {
	const power = new AbortController().signal;
	const now = Date.now;
	t.teardown(() => {
		Date.now = now;
	});
	Date.now = () => 0;
	const computer = (await t.throwsAsync(createClock({ power }).sync(100, false))) as Failure;
	Date.now = now;
	t.is(
		sentence(computer),
		"This computer's date is before dynreg's build date. Without the time, no certificate can be verified. Set this computer's date.",
	);
	const clock = createClock({ start: 0, power, sntp: "127.0.0.1:9" });
	t.regex(
		sentence((await t.throwsAsync(clock.sync(100, true))) as Failure),
		/^No time server responded with a valid time \(127\.0\.0\.1\)\./,
	);
	const known = createClock({ power, sntp: "127.0.0.1:9" });
	await known.sync(100);
	t.is(((await t.throwsAsync(known.sync(100, true))) as Failure).code, "clock-unknown", "a doubted time");
	t.true(Math.abs((known.now() as number) - Date.now()) < 1000, "is kept");
});

test("if no CA can be loaded, all are named, from ca or the platform", (t) => {
	const endpoint = { secure: true, host: "a.example", port: 443, trust: ["tencent-iothub"] };
	t.regex(
		sentence(failureOf(() => loadAuthorities(endpoint, "connect", [tmpdir()]))),
		/^No certificate authority can be loaded \(tencent-iothub\), .* A platform's private root belongs in certs\/ \(docs\/guides\/trust\.md\)\.$/,
	);
});
