import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { dynreg } from "./dynreg.js";

const secret = "a-made-up-product-secret";
let folder: string;

/** Nobody listens on port 1, so such a board is never online. */
const configuration = {
	cloud: "tencent",
	productId: "TOOLPROD01",
	productSecret: secret,
	deviceName: "board-1",
	endpoints: { register: "https://127.0.0.1:1", mqtt: "mqtts://127.0.0.1:1" },
	startupJitter: 0,
};

test.before(async () => {
	folder = await mkdtemp(join(tmpdir(), "dynreg-tools-"));
	await writeFile(join(folder, "board.json"), JSON.stringify(configuration));
});

test.after.always(() => rm(folder, { recursive: true, force: true }));

test.serial("--help shows the options and the exit codes", async (t) => {
	const { code, out } = await dynreg("board", "--help").ended;
	t.is(code, 0);
	for (const word of ["--config", "--host", "--store", "--until", "--timeout", "--json", "Exit codes"])
		t.true(out.includes(word), word);
});

for (const [args, complaint] of [
	[[], "--config is missing"],
	[["--config", "board.json", "--host", "moon"], '--host is invalid: "moon". Expected xs or node'],
	[["--config", "board.json", "--until", "never"], '--until is invalid: "never". Expected stored or online'],
	[["--config", "board.json", "--timeout", "soon"], "--timeout is"],
] as const)
	test.serial(`a wrong command line is refused: ${complaint}`, async (t) => {
		const { code, out, err } = await dynreg("board", ...args).ended;
		t.is(code, 1);
		t.is(out, "");
		t.true(err.includes(complaint), err);
	});

for (const [what, content, complaint] of [
	["that is not there", undefined, /cannot be read: no such file or folder.* dynreg init/],
	[
		"that is not JSON",
		`{"productSecret": "${secret}" oops`,
		/is not JSON from line 1, column \d+ on\. Correct the syntax\.$/,
	],
	["that is nested too deep", "[".repeat(20_000), /is nested more than 64 levels deep at line 1, column 65\./],
	[
		"with its secret in the place of a file's name",
		JSON.stringify({ productSecretFile: secret }),
		/^productSecretFile is invalid: there is no file of this name \(24 characters\)\./,
	],
	["that is no object", "[]", /Expected a JSON object/],
	[
		"with a key that is not there",
		JSON.stringify({ ...configuration, clientKey: "nokey.pem" }),
		/nokey\.pem\. Expected the key in PEM/,
	],
	[
		"with a ca that is not there",
		JSON.stringify({ ...configuration, ca: "nowhere.pem" }),
		/ca is invalid: there is no file .*nowhere\.pem/,
	],
] as const)
	test.serial(`a configuration ${what} is one sentence, an event and exit code 1`, async (t) => {
		const file = join(folder, "wrong.json");
		await rm(file, { force: true });
		if (content !== undefined) await writeFile(file, content);
		const { code, out, err } = await dynreg("board", "--config", file, "--json").ended;
		t.is(code, 1);
		const event = JSON.parse(out);
		t.is(`${event.event} ${event.phase} ${event.code}`, "failed configuration bad-configuration");
		t.regex(event.message, complaint);
		t.true(err.includes(event.message));
		t.false(`${out}${err}`.includes(secret));
	});

test.serial("an event that does not come in time is named, and without one the timeout", async (t) => {
	const file = join(folder, "unreachable.json");
	const endpoints = { register: "https://127.0.0.1:1", mqtt: "mqtts://127.0.0.1:1" };
	await writeFile(file, JSON.stringify({ ...configuration, endpoints }));
	const args = ["board", "--host", "node", "--config", file, "--timeout", "1"];
	const { code, err } = await dynreg(...args, "--until", "online").ended;
	t.is(code, 2);
	t.is(err, 'dynreg: The event "online" did not come within 1 s.\n');
	const without = await dynreg(...args).ended;
	t.is(without.code, 2);
	t.is(without.err, "dynreg: Timeout after 1 s.\n");
});

test.serial("a console whose port another program uses says so", async (t) => {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	const { code, err } = await dynreg("console", "--port", String(port)).ended;
	server.close();
	t.is(code, 1);
	t.true(err.includes(`Cannot listen on port ${port}: another debugger (xsbug?) is using it. End that program`), err);
});

test.serial("without --json a board that cannot start is printed once, as an error", async (t) => {
	for (const args of [[], ["--host", "node"]]) {
		const { code, out, err } = await dynreg("board", "--config", join(folder, "nowhere.json"), ...args).ended;
		t.is(code, 1);
		t.is(out, "");
		t.is(err.match(/nowhere\.json cannot be read/g)?.length, 1);
	}
	const file = join(folder, "no-product.json");
	await writeFile(file, "{}");
	const { code, out, err } = await dynreg("board", "--host", "node", "--config", file).ended;
	t.is(code, 1);
	t.is(out, "");
	t.is(err, "dynreg: productId is missing. Expected 1 to 10 letters and digits.\n");
});

for (const host of ["node", "xs"]) {
	test.serial(`${host}: a store that is no board's flash is refused and left alone`, async (t) => {
		const store = join(folder, `${host}.flash`);
		await writeFile(store, "a letter to a friend");
		const { code, out } = await dynreg(
			...["board", "--host", host, "--config", join(folder, "board.json"), "--store", store, "--json"],
			...["--timeout", "30"],
		).ended;
		t.is(code, 1);
		t.is(JSON.parse(out).code, "storage-failed");
		t.is(await readFile(store, "utf8"), "a letter to a friend");
	});

	test.serial(`${host}: without --json, output is text and SIGINT exits with code 0`, async (t) => {
		const { process, ended } = dynreg("board", "--host", host, "--config", join(folder, "board.json"));
		let seen = "";
		while (!seen.includes("connect-failed")) [seen] = [seen + (await once(process.stdout ?? process, "data"))];
		process.kill("SIGINT");
		const { code, out } = await ended;
		t.is(code, 0);
		t.regex(out, /^\d\d:\d\d:\d\d\.\d{3} boot +tencent\/TOOLPROD01\/board-1$/m);
		t.regex(out, /failed +connect-failed: Cannot connect to 127\.0\.0\.1:1\. .* Next retry in \d+ s\.$/m);
		t.false(out.includes("{"));
	});

	test.serial(`${host}: interrupted before the state asked for, the exit code is not 0`, async (t) => {
		const { process, ended } = dynreg(
			...["board", "--host", host, "--config", join(folder, "board.json"), "--until", "online"],
		);
		await once(process.stdout ?? process, "data");
		process.kill("SIGTERM");
		t.is((await ended).code, 130);
	});
}
