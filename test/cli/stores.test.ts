/** Files that hold secrets or are written by one process: who may read them, who has them, and where they cannot be. */

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, startCloud } from "@dynreg/cloud";
import { demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import test, { type ExecutionContext } from "ava";
import { dynreg, type RunningProgram } from "./dynreg.js";

const product = { cloud: "tencent", id: "STOREPROD1", secret: "a-secret-of-16-characters" } as const;
const hosts = ["node", "xs"] as const;

let cloud: Cloud;
test.before(async () => {
	cloud = await startCloud();
});
test.after.always(() => cloud.close());

async function place(t: ExecutionContext): Promise<(name: string) => string> {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-stores-"));
	t.teardown(() => rm(folder, { recursive: true, force: true }));
	return (name) => join(folder, name);
}

/** A configuration of its own for each device. */
async function configurationOf(file: (name: string) => string, device: string): Promise<string> {
	await writeFile(file("board.json"), JSON.stringify(demoConfiguration(cloud, product, device)));
	return file("board.json");
}

async function shows(t: ExecutionContext, { process, ended }: RunningProgram, text: string): Promise<void> {
	t.teardown(() => process.kill("SIGKILL"));
	let seen = "";
	process.stdout?.on("data", (chunk) => {
		seen += String(chunk);
	});
	while (!seen.includes(text)) {
		const { stdout } = process;
		if (stdout === null || process.exitCode !== null) throw new Error(`it ended: ${(await ended).err}`);
		await Promise.race([once(stdout, "data"), ended]);
	}
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
const registrations = (device: string) =>
	cloud.administration
		.requests()
		.filter(({ operation, device: name }) => operation.startsWith("register") && name === device).length;

for (const host of hosts) {
	test(`${host}: a second board with the same flash names the first, which keeps its credential`, async (t) => {
		const file = await place(t);
		const config = await configurationOf(file, `shared-${host}`);
		const board = ["board", "--host", host, "--config", config, "--store", file("flash")];
		const first = dynreg(...board);
		await shows(t, first, "online");
		const { code, out, err } = await dynreg(...board).ended;
		t.is(code, 1);
		t.is(out, "");
		t.true(err.includes(`Process ${first.process.pid} is using the flash ${file("flash")}. End that process`), err);
		// By another name.
		await symlink("flash", file("link"));
		const linked = await dynreg(...board.slice(0, -1), file("link")).ended;
		t.regex(linked.err, new RegExp(`Process ${first.process.pid} is using`));

		// Nothing that it leaves is in the way.
		first.process.kill("SIGKILL");
		await first.ended;
		const again = await dynreg(...board, "--until", "online", "--timeout", "60").ended;
		t.is(again.code, 0, again.err);
		t.is(registrations(`shared-${host}`), 1);
		t.deepEqual(
			(await readdir(file("."))).filter((name) => name.startsWith("flash")),
			["flash"],
		);
	});

	test(`${host}: flash is private, whatever the mode of the file and its folder before`, async (t) => {
		const file = await place(t);
		const config = await configurationOf(file, `private-${host}`);
		await mkdir(file("open"));
		await chmod(file("open"), 0o777);
		await writeFile(file("open/flash"), "{}");
		await chmod(file("open/flash"), 0o644);
		await writeFile(file("open/flash.new"), "");
		await chmod(file("open/flash.new"), 0o666);
		await symlink("open/flash", file("link"));
		const { code, err } = await dynreg(
			...["board", "--host", host, "--config", config, "--store", file("link"), "--until", "stored"],
			...["--timeout", "60"],
		).ended;
		t.is(code, 0, err);
		t.true((await lstat(file("link"))).isSymbolicLink());
		t.is(await modeOf(file("open/flash")), "600");
		t.deepEqual(await readdir(file("open")), ["flash"]);
	});

	test(`${host}: flash that cannot be written is reported before the board registers`, async (t) => {
		const file = await place(t);
		const config = await configurationOf(file, `unwritable-${host}`);
		await mkdir(file("folder"));
		execFileSync("mkfifo", [file("pipe")]);
		for (const [store, sentence] of [
			["/proc/dynreg", /cannot be written/],
			["/dev/null/flash", /cannot be read/],
			[file("pipe"), /does not hold a board's flash/],
			[file("folder"), /cannot be read/],
			[file("nowhere/flash"), /folder .* does not exist/],
			["", /--store is empty/],
		] as const) {
			const { code, err } = await dynreg(
				...["board", "--host", host, "--config", config, "--store", store, "--until", "stored", "--timeout", "60"],
			).ended;
			t.is(code, 1, store);
			t.regex(err, sentence);
		}
		t.is(registrations(`unwritable-${host}`), 0);
	});

	test(`${host}: without --until, a board stays when only a person can fix an error`, async (t) => {
		const file = await place(t);
		const device = `attended-${host}`;
		const configuration = demoConfiguration(cloud, { ...product, id: "STOREPROD2" }, device);
		await writeFile(file("board.json"), JSON.stringify(configuration));
		cloud.administration.putProduct("tencent", "STOREPROD2", { registration: "off" });
		const board = ["board", "--host", host, "--config", file("board.json")];
		const staying = dynreg(...board);
		await shows(t, staying, "registration-refused");
		await new Promise((resolve) => setTimeout(resolve, 1000));
		t.is(staying.process.exitCode, null);
		staying.process.kill("SIGINT");
		t.is((await staying.ended).code, 0);
		t.is((await dynreg(...board, "--until", "online", "--timeout", "60").ended).code, 3);
	});
}

test("a second cloud with the same state file names the first, and nothing is lost", async (t) => {
	const file = await place(t);
	const state = file("cloud.json");
	const first = dynreg("cloud", "--json", "--state", state);
	await shows(t, first, '"ready"');
	await symlink("cloud.json", file("link.json"));
	for (const path of [state, file("link.json")]) {
		const { code, err } = await dynreg("cloud", "--state", path).ended;
		t.is(code, 1);
		t.regex(err, new RegExp(`Process ${first.process.pid} is using the state file .*cloud\\.json\\. End that process`));
	}
	first.process.kill("SIGKILL");
	await first.ended;
	const next = dynreg("cloud", "--json", "--state", state);
	await shows(t, next, '"ready"');
	next.process.kill("SIGTERM");
	t.is((await next.ended).code, 0);
	t.deepEqual((await readdir(file("."))).toSorted(), ["cloud.ca.pem", "cloud.json", "link.json"]);
});

test("a state file that others may read is private once the cloud is ready", async (t) => {
	const file = await place(t);
	const state = file("cloud.json");
	await (await startCloud({ state })).close();
	await chmod(state, 0o644);
	const reader = await startCloud({ state });
	t.teardown(() => reader.close());
	t.is(await modeOf(state), "600");
});

for (const [state, sentence] of [
	["/proc/dynreg", /^dynreg: Cannot write the state file \/proc\/dynreg\./],
	["/proc/dynreg/cloud.json", /^dynreg: Cannot write the state file/],
	["/dev/null/cloud.json", /^dynreg: Cannot read the state file/],
	["/dev/full", /^dynreg: Cannot read the state file/],
	["/tmp", /^dynreg: Cannot read the state file/],
] as const)
	test(`a cloud whose state cannot be at ${state} does not start`, async (t) => {
		const { code, out, err } = await dynreg("cloud", "--state", state).ended;
		t.is(code, 1);
		t.is(out, "");
		t.regex(err, sentence);
	});

for (const command of [
	["fleet", "--boards", "100", "--out", "PLACE"],
	["factory", "--config", "product.json", "--boards", "3", "--names", "lamp-#", "--out", "PLACE"],
	["init", "PLACE", "--cloud", "tencent", "--product", product.id, "--product-secret-file", "secret"],
	["test", "--platform", "sim", "--report", "PLACE"],
])
	test(`dynreg ${command[0]} says at once that it cannot write`, async (t) => {
		const file = await place(t);
		const { cloud, id: productId, secret: productSecret } = product;
		await writeFile(file("product.json"), JSON.stringify({ cloud, productId, productSecret }));
		await writeFile(file("secret"), productSecret);
		for (const output of ["/proc/dynreg", "/dev/null/x"]) {
			const given = command.map((each) =>
				each === "PLACE" ? output : ["product.json", "secret"].includes(each) ? file(each) : each,
			);
			const { code, out, err } = await dynreg(...given).ended;
			t.is(code, 1);
			t.is(out, "");
			t.regex(err, /^dynreg: Cannot (make the folder|use) \/(proc\/dynreg|dev\/null\/x): /);
		}
	});

test("a fleet's chart is written by one process, and not over a folder", async (t) => {
	const file = await place(t);
	await mkdir(file("out/fleet.svg"), { recursive: true });
	const fleet = ["fleet", "--boards", "100", "--out", file("out")];
	const folder = await dynreg(...fleet).ended;
	t.is(folder.code, 1);
	t.regex(folder.err, /^dynreg: Cannot use .*fleet\.svg: the path is a folder\.\n$/);
	await rm(file("out/fleet.svg"), { recursive: true });
	await writeFile(file("out/.lock"), String(process.pid));
	t.regex((await dynreg(...fleet).ended).err, new RegExp(`Process ${process.pid} is using the folder`));
	await rm(file("out/.lock"));
	t.is((await dynreg(...fleet).ended).code, 0);
	t.deepEqual(await readdir(file("out")), ["fleet.svg"]);
});

test("a report is not left behind empty", async (t) => {
	const file = await place(t);
	const { code } = await dynreg(
		"test",
		"--platform",
		"sim",
		"--small",
		"--case",
		"^none$",
		"--report",
		file("report.md"),
	).ended;
	t.is(code, 1);
	t.false(existsSync(file("report.md")));
});

test("a secret of init and of a batch is private, also in a file that was there", async (t) => {
	const file = await place(t);
	await writeFile(file("secret"), product.secret);
	const init = ["init", file("app"), "--cloud", "tencent", "--product", product.id];
	const given = ["--product-secret-file", file("secret")];
	t.is((await dynreg(...init, ...given).ended).code, 0);
	await chmod(file("app/.dynreg/product.secret"), 0o644);
	t.is((await dynreg(...init, ...given).ended).code, 0);
	t.is(await modeOf(file("app/.dynreg/product.secret")), "600");

	const { cloud, id: productId, secret: productSecret } = product;
	await writeFile(file("product.json"), JSON.stringify({ cloud, productId, productSecret }));
	await writeFile(file("macs.txt"), "02:00:00:00:00:01\n");
	const batch = ["factory", "--config", file("product.json"), "--out", file("batch"), "--macs", file("macs.txt")];
	t.is((await dynreg(...batch).ended).code, 0);
	await chmod(file("batch/nvs/fctry.csv"), 0o644);
	t.is((await dynreg(...batch).ended).code, 0);
	t.is(await modeOf(file("batch/nvs/fctry.csv")), "600");
	// What a killed run has left.
	await rm(file("batch/nvs/fctry.csv"));
	await writeFile(file("batch/nvs/fctry.csv.part"), "", { mode: 0o666 });
	await chmod(file("batch/nvs/fctry.csv.part"), 0o666);
	t.is((await dynreg(...batch).ended).code, 0);
	t.is(await modeOf(file("batch/nvs/fctry.csv")), "600");
	t.true((await readFile(file("batch/nvs/fctry.csv"), "utf8")).length > 0);
});

test("a port that is invalid, taken or given twice is one sentence", async (t) => {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	t.teardown(() => server.close());
	const { port } = server.address() as AddressInfo;
	for (const [parameters, sentence] of [
		[["--port-http", "99999"], /^dynreg: --port-http is invalid: "99999"\. Expected a whole number from 0 to 65535\./],
		[["--port-mtls", String(port)], /^dynreg: Cannot listen for mtls on .*: another program is using the port\./],
		[["--port-admin", String(port)], /^dynreg: Cannot listen for admin on .*: another program is using the port\./],
		[
			["--port-http", "18080", "--port-mqtt", "18080"],
			/^dynreg: --port-http and --port-mqtt have the same port, 18080\. Choose different ports\./,
		],
	] as const) {
		const { code, out, err } = await dynreg("cloud", ...parameters).ended;
		t.is(code, 1);
		t.is(out, "");
		t.regex(err, sentence);
	}
});
