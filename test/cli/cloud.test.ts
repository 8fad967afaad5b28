import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import test from "ava";
import { product, registerV2 } from "../cloud/device.js";

const dynreg = fileURLToPath(new URL("../../../cli/build/dynreg.js", import.meta.url));

interface Result {
	readonly code: number | null;
	readonly out: string;
	readonly err: string;
}

function start(
	args: string[],
	variables: NodeJS.ProcessEnv = {},
): { child: ChildProcess; lines: AsyncIterator<string>; ended: Promise<Result> } {
	const child = spawn(process.execPath, [dynreg, ...args], { env: { ...process.env, ...variables } });
	let out = "";
	let err = "";
	child.stdout.on("data", (chunk) => {
		out += String(chunk);
	});
	child.stderr.on("data", (chunk) => {
		err += String(chunk);
	});
	const ended = new Promise<Result>((resolve) => child.once("close", (code) => resolve({ code, out, err })));
	return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator](), ended };
}

test("--open opens the console, at the address of the administration", async (t) => {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-browser-"));
	t.teardown(() => rm(folder, { recursive: true, force: true }));
	const browser = join(folder, "browser");
	await writeFile(browser, `#!/bin/sh\nprintf %s "$1" > "${folder}/opened"\n`, { mode: 0o755 });
	const { child, lines, ended } = start(["cloud", "--json", "--open"], { BROWSER: browser });
	const { admin } = JSON.parse((await lines.next()).value as string) as { admin: string };
	while (!existsSync(join(folder, "opened"))) await new Promise((resolve) => setTimeout(resolve, 20));
	const page = await fetch(admin, { headers: { Accept: "text/html" } });
	t.regex(await page.text(), /<title>dynreg local cloud<\/title>/);
	child.kill("SIGTERM");
	t.like(await ended, { code: 0, err: "" });
	t.is(await readFile(join(folder, "opened"), "utf8"), admin);
});

test("--open says where the console is when no browser starts", async (t) => {
	const { child, lines, ended } = start(["cloud", "--open"], { BROWSER: "/nowhere/browser" });
	const text: string[] = [];
	for (let line = await lines.next(); !line.done; line = await lines.next()) {
		text.push(line.value);
		if (!/^ {2}console /.test(line.value)) continue;
		await new Promise((resolve) => child.stderr?.once("data", resolve));
		child.kill("SIGTERM");
	}
	const { code, err } = await ended;
	t.is(code, 0);
	const [, address] = /^ {2}console +(\S+)\/ in a browser$/m.exec(text.join("\n")) ?? [];
	t.is(err, `No browser could be started. Open ${address} yourself.\n`);
});

test("--json prints the addresses, then each request; SIGTERM ends cleanly", async (t) => {
	const { child, lines, ended } = start(["cloud", "--json"]);
	const ready = JSON.parse((await lines.next()).value as string) as Record<string, string>;
	t.deepEqual(Object.keys(ready), ["ready", "http", "https", "mqtt", "mqtts", "mtls", "sntp", "admin", "ca"]);
	t.is(ready.ready as unknown, true);
	t.true(existsSync(ready.ca ?? ""));
	t.regex(ready.mtls ?? "", /^mqtts:\/\/127\.0\.0\.1:\d+$/);
	for (const name of ["http", "https", "mqtt", "mqtts", "sntp"])
		t.regex(ready[name] ?? "", new RegExp(`^${name}://127\\.0\\.0\\.1:\\d+$`));

	await fetch(`${ready.admin}/products/tencent/${product.id}`, {
		method: "PUT",
		body: JSON.stringify({ secret: product.secret }),
	});
	await registerV2(ready.http ?? "", { productId: product.id, deviceName: "seen" });
	t.like(JSON.parse((await lines.next()).value as string), {
		operation: "register/v2",
		verdict: "accepted",
		device: "seen",
	});

	child.kill("SIGTERM");
	const { code, err } = await ended;
	t.is(code, 0);
	t.is(err, "");
	t.false(existsSync(ready.ca ?? ""));
});

test("without --json there is a banner and a line per request, no colour in a pipe", async (t) => {
	const { child, lines, ended } = start(["cloud"]);
	t.regex((await lines.next()).value as string, /ready\. Ctrl-C ends the cloud/);
	const http = /http:\S+/.exec((await lines.next()).value as string)?.[0] ?? "";
	await registerV2(http, { productId: product.id, deviceName: "seen" });
	child.kill("SIGINT");
	const { code, out } = await ended;
	t.is(code, 0);
	t.regex(
		out,
		/refused +http +register\/v2 +TESTPROD01\/seen: The product TESTPROD01 does not exist.*\(LocalCloud\.UnknownProduct\)/,
	);
	t.false(out.includes("\u{1b}"));
});

test("with --faults things go wrong from the start", async (t) => {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-faults-"));
	t.teardown(() => rm(folder, { recursive: true }));
	const file = join(folder, "faults.json");
	const rule = { operation: "register", fault: "status", status: 503 };
	await writeFile(file, JSON.stringify({ rules: [rule] }));
	const { child, lines, ended } = start(["cloud", "--json", "--faults", file]);
	const { http, admin } = JSON.parse((await lines.next()).value as string) as Record<string, string>;
	const answer = await fetch(`${http}/device/register`, { method: "POST" });
	t.is(answer.status, 503);
	t.deepEqual(await (await fetch(`${admin}/faults`)).json(), [{ ...rule, triggered: 1 }]);
	child.kill("SIGTERM");
	t.is((await ended).code, 0);
	const wrong: readonly [text: string, says: RegExp][] = [
		[
			"{",
			/faults file .*faults\.json is invalid\. The file is not JSON from line 1, column 2 on\. The closing } is missing\. Expected JSON such as/,
		],
		["[]", /"rules" is missing\. Expected a list of fault rules/],
		[JSON.stringify({ rules: [{ ...rule, fault: "explode" }] }), /"fault" is invalid\. Expected "delay"/],
	];
	for (const [text, says] of wrong) {
		await writeFile(file, text);
		const { code, err } = await start(["cloud", "--faults", file]).ended;
		t.is(code, 1);
		t.regex(err, says);
	}
});

test("a reader that stops reading, or goes away, does not hold the cloud up", async (t) => {
	for (const leave of ["pause", "destroy"] as const) {
		const child = spawn(process.execPath, [dynreg, "cloud", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
		const first = await new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
		const { http } = JSON.parse(first) as { http: string };
		child.stdout[leave]();
		// More than a pipe holds.
		const path = "x".repeat(400);
		for (let request = 0; request < 200; request++) t.is((await fetch(`${http}/${path}`)).status, 404);
		const ended = new Promise((resolve) => child.once("exit", resolve));
		child.kill("SIGTERM");
		t.is(await ended, 0, leave);
	}
});

test("help is on standard output", async (t) => {
	const all = await start(["--help"]).ended;
	t.is(all.code, 0);
	t.regex(all.out, /cloud .*a local cloud/);
	const one = await start(["cloud", "--help"]).ended;
	t.is(one.code, 0);
	t.regex(one.out, /--port-mqtts N/);
});

const mistakes: readonly [args: string[], says: RegExp][] = [
	[["clod"], /no command "clod"\. The commands are .*cloud/],
	[["toString"], /no command "toString"/],
	[["cloud", "--prot-http", "1"], /Unknown option '--prot-http'.*--port-http --port-https/],
	[["cloud", "--port-http", "http"], /--port-http is invalid: "http"\. Expected a whole number from 0 to 65535/],
	[["cloud", "surplus"], /surplus/],
	[["cloud", "--faults", "nowhere.json"], /faults file nowhere\.json cannot be read: no such file/],
	[["cloud", "--host", "example.org"], /Expected an IPv4 address/],
];
for (const [args, says] of mistakes)
	test(`"dynreg ${args.join(" ")}" is answered with what there is, and exit 1`, async (t) => {
		const { code, out, err } = await start(args).ended;
		t.is(code, 1);
		t.is(out, "");
		t.regex(err, says);
	});
