/** The state file where something goes wrong: it cannot be written, was edited by hand, or is left from a crash. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import {
	chmod,
	lstat,
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	rename,
	rm,
	stat,
	symlink,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Cloud, startCloud } from "@dynreg/cloud";
import test, { type ExecutionContext } from "ava";
import { obtainPsk, product } from "../cloud/device.js";

const folder = await mkdtemp(join(tmpdir(), "dynreg-state-failures-"));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const dynreg = fileURLToPath(new URL("../../../cli/build/dynreg.js", import.meta.url));
const newFolder = () => mkdtemp(join(folder, "state-"));

async function until(condition: () => unknown): Promise<void> {
	const deadline = Date.now() + 30_000;
	while (!(await condition())) {
		if (Date.now() > deadline) throw new Error("it did not happen within 30 s");
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

const put = (url: string, id: string) =>
	fetch(`${url}/products/tencent/${id}`, { method: "PUT", body: JSON.stringify({ secret: product.secret }) });

/** A cloud whose folder can be taken away. */
async function startInFolder(t: ExecutionContext) {
	const path = await newFolder();
	const state = join(path, "cloud.json");
	const failures: (Error | undefined)[] = [];
	const cloud = await startCloud({ state, onStateFailure: (failure) => failures.push(failure) });
	t.teardown(() => cloud.close().catch(() => {}));
	await until(() => existsSync(state));
	return {
		cloud,
		failures,
		state,
		path,
		take: () => rename(path, `${path}.away`),
		giveBack: () => rename(`${path}.away`, path),
	};
}

test("a failed write of the state is reported, retried, and its success reported", async (t) => {
	const { cloud, failures, state, take, giveBack } = await startInFolder(t);
	await take();
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
	await until(() => failures.length > 0);
	t.regex(failures[0]?.message ?? "", /Cannot write the state file .*cloud\.json/);
	t.like(failures[0]?.cause, { code: "ENOENT" });
	// Said once, however often it is tried.
	await new Promise((resolve) => setTimeout(resolve, 2500));
	t.is(failures.length, 1);
	await giveBack();
	await until(() => failures.length > 1);
	t.is(failures[1], undefined);
	t.true((await readFile(state, "utf8")).includes(product.id));
	await cloud.close();
});

test("while the state cannot be written, changes get 503 and are not made", async (t) => {
	const { cloud, failures, take, giveBack } = await startInFolder(t);
	const { admin, http } = cloud.urls;
	t.is((await put(admin, product.id)).status, 200);
	await take();
	// The first one finds out.
	const first = await put(admin, "FIRSTPROD1");
	t.is(first.status, 503);
	t.regex(
		((await first.json()) as { error: string }).error,
		/^The change was made, but not saved\. Cannot write the state file .*retries/,
	);
	const second = await put(admin, "SECONDPRO2");
	t.is(second.status, 503);
	t.regex(((await second.json()) as { error: string }).error, /^Cannot write the state file/);
	t.is(failures.length, 1);
	const ids = ((await (await fetch(`${admin}/products`)).json()) as { id: string }[]).map(({ id }) => id);
	t.deepEqual(ids, [product.id, "FIRSTPROD1"]);
	const device = `${admin}/products/tencent/${product.id}/devices/board-1`;
	for (const [method, path] of [
		["PUT", ""],
		["DELETE", ""],
		["POST", "/reset"],
		["POST", "/rotate"],
	] as const)
		t.is((await fetch(device + path, { method })).status, 503, `${method} ${path}`);
	t.throws(() => cloud.administration.putDevice("tencent", product.id, "board-1"), {
		message: /Cannot write the state/,
	});
	// What is not saved is not held up.
	t.is((await fetch(`${admin}/faults`, { method: "DELETE" })).status, 204);
	await obtainPsk(http, { productId: product.id, deviceName: "board-2" });
	await giveBack();
	// The next change does not wait for the next attempt.
	t.is((await put(admin, "THIRDPROD3")).status, 200);
	t.is(failures[1], undefined);
	await cloud.close();
	t.is(failures.length, 2);
});

test("a state folder that became a file is reported, and close fails", async (t) => {
	const { cloud, failures, path } = await startInFolder(t);
	await rm(path, { recursive: true });
	await writeFile(path, "");
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
	await until(() => failures.length > 0);
	t.like(failures[0]?.cause, { code: "ENOTDIR" });
	await t.throwsAsync(cloud.close(), { message: /Cannot write the state file/ });
});

interface Run {
	readonly child: ChildProcess;
	readonly admin: string;
	readonly err: () => string;
	readonly ended: Promise<number | null>;
}

async function run(t: ExecutionContext, state: string): Promise<Run> {
	const child = spawn(process.execPath, [dynreg, "cloud", "--json", "--state", state]);
	t.teardown(() => child.kill("SIGKILL"));
	let err = "";
	child.stderr.on("data", (chunk) => {
		err += String(chunk);
	});
	const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
	const lines = createInterface(child.stdout);
	const first = await Promise.race([new Promise<string>((resolve) => lines.once("line", resolve)), ended]);
	if (typeof first !== "string") throw new Error(`it ended: ${err}`);
	const { admin } = JSON.parse(first) as { admin: string };
	return { child, admin, err: () => err, ended };
}

test("dynreg cloud reports a failed state write and exits with its code", async (t) => {
	for (const back of [true, false]) {
		const path = await newFolder();
		const { child, admin, err, ended } = await run(t, join(path, "cloud.json"));
		await until(() => existsSync(join(path, "cloud.json")));
		await rename(path, `${path}.away`);
		t.is((await put(admin, product.id)).status, 503);
		await until(() => err().includes("Cannot write the state file"));
		t.regex(err(), /no such file or folder/);
		t.regex(err(), /Changes are lost if the cloud ends now/);
		if (back) await rename(`${path}.away`, path);
		child.kill("SIGTERM");
		t.is(await ended, back ? 0 : 1, err());
		if (back) t.true((await readFile(join(path, "cloud.json"), "utf8")).includes(product.id));
	}
});

test("leftovers of a killed cloud are private and removed at the next start", async (t) => {
	const path = await newFolder();
	const state = join(path, "cloud.json");
	const { child, admin, ended } = await run(t, state);
	await put(admin, product.id);
	await until(async () => (await readFile(state, "utf8").catch(() => "")).includes(product.id));
	// Kills it while it writes, or leaves what that would leave.
	child.kill("SIGKILL");
	await ended;
	await writeFile(`${state}.${child.pid}.next`, "half of a sta", { mode: 0o600 });
	await writeFile(`${state}.4194304.next`, "of a process that cannot be");
	const others = ["cloud.json.next", "cloud.json.1.2.next", "other.json.1.next", "cloud.json.x.next"];
	for (const name of others) await writeFile(join(path, name), "someone else's");

	const cloud = await startCloud({ state });
	t.teardown(() => cloud.close());
	const left = (await readdir(path)).filter((name) => name.endsWith(".next")).sort();
	t.deepEqual(left, [...others].sort());
	t.like(cloud.administration.product("tencent", product.id), { devices: 0 });
});

test("a file of another cloud that is writing stays", async (t) => {
	const path = await newFolder();
	const state = join(path, "cloud.json");
	const { child, ended } = await run(t, join(await newFolder(), "cloud.json"));
	const next = `${state}.${child.pid}.next`;
	await writeFile(next, "");
	const cloud = await startCloud({ state });
	t.true(existsSync(next));
	await cloud.close();
	child.kill();
	await ended;
});

test("the file is written for its owner only, whatever was there before", async (t) => {
	const path = await newFolder();
	const state = join(path, "cloud.json");
	await (await startCloud({ state })).close();
	await chmod(state, 0o644);
	await writeFile(`${state}.${process.pid}.next`, "", { mode: 0o666 });
	const cloud = await startCloud({ state });
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
	await cloud.close();
	t.is((await stat(state)).mode & 0o777, 0o600);
});

test("a symbolic link as state file stays a link", async (t) => {
	const path = await newFolder();
	await mkdir(join(path, "real"));
	await mkdir(join(path, "links"));
	const real = join(path, "real", "state.json");
	const link = join(path, "links", "cloud.json");
	await symlink("../real/between.json", link);
	await symlink("state.json", join(path, "real", "between.json"));
	// It is created where the links lead.
	const first = await startCloud({ state: link });
	first.administration.putProduct("tencent", product.id, { secret: product.secret });
	await first.close();
	t.true((await lstat(link)).isSymbolicLink());
	t.false((await lstat(real)).isSymbolicLink());
	t.is((await stat(real)).mode & 0o777, 0o600);
	const second = await startCloud({ state: link });
	t.like(second.administration.product("tencent", product.id), { devices: 0 });
	t.is(second.ca, join(path, "links", "cloud.ca.pem"));
	await second.close();
	t.deepEqual((await readdir(join(path, "real"))).sort(), ["between.json", "state.json"]);

	await symlink("circle.json", join(path, "circle.json"));
	await t.throwsAsync(startCloud({ state: join(path, "circle.json") }), { message: /points to itself/ });
});

interface Editable {
	version: number;
	certificate: Record<string, unknown> & { authority: Record<string, unknown>; certificate: Record<string, unknown> };
	products: (Record<string, unknown> & { devices: Record<string, unknown>[] })[];
}

let saved: string;
test.before(async () => {
	const state = join(await newFolder(), "cloud.json");
	const cloud: Cloud = await startCloud({ state });
	cloud.administration.putProduct("tencent", product.id, { secret: product.secret });
	cloud.administration.putProduct("aliyun", "editedKey01", { secret: "madeUpSecret0001" });
	for (const name of ["board-1", "board-2"]) cloud.administration.putDevice("tencent", product.id, name);
	cloud.administration.putDevice("tencent", product.id, "board-1", Buffer.alloc(16, 1).toString("base64"));
	await cloud.close();
	saved = await readFile(state, "utf8");
});

const device = (state: Editable, index = 0) => state.products[0]?.devices[index] as Record<string, unknown>;
const edits: readonly [what: string, edit: (state: Editable) => unknown, says: RegExp][] = [
	["no products", (state) => Reflect.deleteProperty(state, "products"), /products is missing\. Expected a list/],
	["products as an object", (state) => Object.assign(state, { products: {} }), /products is invalid\. Expected a list/],
	[
		"a product that is none",
		(state) => Object.assign(state.products, [null]),
		/products\[0\] is invalid\. Expected an object/,
	],
	[
		"an unknown platform",
		({ products: [one] }) => Object.assign(one ?? {}, { platform: "moon" }),
		/products\[0\]\.platform is invalid\. Expected "tencent", "aliyun"/,
	],
	[
		"a short secret",
		({ products: [one] }) => Object.assign(one ?? {}, { secret: "short" }),
		/products\[0\]\.secret is invalid\. The product secret is invalid\. Expected 16 to 32/,
	],
	[
		"an unknown auth",
		({ products: [, one] }) => Object.assign(one ?? {}, { auth: "certificate" }),
		/products\[1\]\.auth is invalid\. Expected "key"/,
	],
	[
		"private-ca without authority",
		({ products: [one] }) => Object.assign(one ?? {}, { auth: "private-ca" }),
		/products\[0\]\.authority is missing/,
	],
	[
		"a limit in quotes",
		({ products: [one] }) => Object.assign(one ?? {}, { limit: "10" }),
		/products\[0\]\.limit is invalid\. Expected a whole number/,
	],
	[
		"no devices",
		({ products: [one] }) => Reflect.deleteProperty(one ?? {}, "devices"),
		/products\[0\]\.devices is missing/,
	],
	[
		"a device without name",
		(state) => Reflect.deleteProperty(device(state, 1), "name"),
		/products\[0\]\.devices\[1\]\.name is missing/,
	],
	[
		"a malformed name",
		(state) => Object.assign(device(state), { name: "a b" }),
		/devices\[0\]\.name is invalid\. The device name is invalid\./,
	],
	[
		"a name twice",
		(state) => Object.assign(device(state, 1), { name: "board-1" }),
		/devices\[1\]\.name is there twice/,
	],
	["a product twice", (state) => state.products.push(state.products[0] as never), /products\[2\]\.id is there twice/],
	[
		"an unknown state",
		(state) => Object.assign(device(state), { state: "Active" }),
		/devices\[0\]\.state is invalid\. Expected "created", "registered" or "active"/,
	],
	[
		"automatic in quotes",
		(state) => Object.assign(device(state), { automatic: "yes" }),
		/devices\[0\]\.automatic is invalid\. Expected true or false/,
	],
	[
		"a secret cut short",
		(state) => Object.assign(device(state), { secret: "AAAA" }),
		/devices\[0\]\.secret is invalid\. The psk is invalid/,
	],
	[
		"a certificate that is none",
		(state) => Object.assign(device(state), { certificate: "x" }),
		/devices\[0\]\.certificate is invalid\. Expected a certificate in PEM/,
	],
	[
		"boards as a number",
		(state) => Object.assign(device(state), { boards: 2 }),
		/devices\[0\]\.boards is invalid\. Expected a list/,
	],
	[
		"a board without token",
		(state) => Object.assign(device(state), { boards: [{ clientId: "a" }] }),
		/boards\[0\]\.token is missing/,
	],
	[
		"no certificate",
		(state) => Reflect.deleteProperty(state, "certificate"),
		/: certificate is missing\. Expected an object/,
	],
	[
		"names as a string",
		(state) => Object.assign(state.certificate, { names: "localhost" }),
		/certificate\.names is invalid\. Expected a list/,
	],
	[
		"a chain cut short",
		(state) => Object.assign(state.certificate.certificate, { chain: "-----BEGIN" }),
		/certificate\.certificate\.chain is invalid\. Expected a certificate in PEM/,
	],
	[
		"a key that is none",
		(state) => Object.assign(state.certificate.authority, { key: "x" }),
		/certificate\.authority\.key is invalid\. Expected a private key in PEM/,
	],
	[
		"another key",
		(state) => Object.assign(state.certificate.authority, { key: state.certificate.certificate.key }),
		/certificate\.authority\.key is not the private key of certificate\.authority\.certificate/,
	],
	["another version", (state) => Object.assign(state, { version: 2 }), /not a state file of this version/],
];

test("an invalid state file stops the start, with the place and no secrets", async (t) => {
	const state = join(await newFolder(), "cloud.json");
	for (const [what, edit, says] of edits) {
		const edited = JSON.parse(saved) as Editable;
		edit(edited);
		await writeFile(state, JSON.stringify(edited, undefined, 2));
		const error = await t.throwsAsync(startCloud({ state }), undefined, what);
		t.regex(error?.message ?? "", says, what);
		t.false(error?.message.includes(product.secret), what);
		// It is left as it is, to be corrected.
		t.is(await readFile(state, "utf8"), JSON.stringify(edited, undefined, 2), what);
	}
	for (const text of ["null", "[]", '"text"', "1"]) {
		await writeFile(state, text);
		await t.throwsAsync(startCloud({ state }), { message: /not a state file of this version/ }, text);
	}
});

test("an impossible state file path stops the start with advice", async (t) => {
	const path = await mkdtemp(join(tmpdir(), "dynreg-state-path-"));
	t.teardown(() => rm(path, { recursive: true }));
	const file = join(path, "file");
	await writeFile(file, "{}");
	for (const state of [join(file, "x.json"), path])
		await t.throwsAsync(startCloud({ state }), {
			message: `Cannot read the state file ${state}. Check the path and its permissions, or name another file.`,
		});
});

test("a state file that is no JSON stops the start with line and column", async (t) => {
	const state = join(await newFolder(), "cloud.json");
	const pretty = JSON.stringify(JSON.parse(saved), undefined, 2);
	const cases: [text: string, place: string][] = [
		["", "line 1, column 1"],
		["{", "line 1, column 2"],
		['{"version":1,}', "line 1, column 14"],
		['{\n  "version": 1\n  "products": []\n}', "line 3, column 3"],
		[`${pretty}\n}`, `line ${pretty.split("\n").length + 1}, column 1`],
		[`// a comment\n${pretty}`, "line 1, column 1"],
	];
	for (const [text, place] of cases) {
		await writeFile(state, text);
		const error = await t.throwsAsync(startCloud({ state }));
		t.true(error?.message.includes(`is not JSON from ${place} on`), `${text.slice(0, 30)}: ${error?.message}`);
		t.regex(error?.message ?? "", /Move the file away/);
	}
	await writeFile(state, `\ufeff${pretty}`);
	const cloud = await startCloud({ state });
	t.like(cloud.administration.product("tencent", product.id), { devices: 2 });
	await cloud.close();
});
