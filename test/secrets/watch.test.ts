import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "ava";
import { findLeaks } from "./leaks.js";

const program = fileURLToPath(new URL("./planted.js", import.meta.url));
const watch = new URL("./watch.js", import.meta.url).href;

/** Runs the program under a watch of its own, out of sight of this file's. */
function planted(how: string): Promise<{ readonly code: number | null; readonly said: string }> {
	const { DYNREG_WATCH: _, NODE_OPTIONS: __, ...env } = process.env;
	const child = spawn(process.execPath, ["--import", watch, program, how], {
		env,
		stdio: ["ignore", "ignore", "pipe"],
	});
	// What it says is what it must not say: it goes past this process's own watch.
	let said = "";
	child.stderr?.on("data", (text: Buffer) => {
		said += text;
	});
	return new Promise((resolve) => child.once("close", (code) => resolve({ code, said })));
}

test("a process that uses secrets and keeps them ends as it would", async (t) => {
	t.is((await planted("says nothing")).code, 0);
});

for (const how of [
	...["as it is", "on the standard error", "hexadecimal", "base64", "percent-encoded", "in a failure"],
	...["as a failure's cause", "in a process below", "two processes below", "that only a process below knows"],
	...["a line of a private key", "replaced on the way"],
])
	test(`a printed secret is found: ${how}`, async (t) => {
		const { code, said } = await planted(how);
		t.is(code, 1, said);
		t.regex(said, /invariant 8 is broken:\na secret that begins with .../);
	});

test("a finding says where, and does not show the secret", (t) => {
	const [found = "", ...more] = findLeaks(["password: c2VjcmV0LXNlY3JldA=="], ["secret-secret"]);
	t.is(found, 'a secret that begins with c2V (base64), behind "password: "');
	t.deepEqual(more, []);
});

test("short texts are no secrets, and absent secrets are not found", (t) => {
	t.deepEqual(findLeaks(["a b c short"], ["short", ""]), []);
	t.deepEqual(findLeaks(["a-long-secret-that-is-another"], ["a-long-secret-that-is-not"]), []);
});
