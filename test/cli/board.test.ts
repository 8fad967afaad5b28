import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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
	spread: 0,
};

test.before(async () => {
	folder = await mkdtemp(join(tmpdir(), "dynreg-tools-"));
	await writeFile(join(folder, "board.json"), JSON.stringify(configuration));
});

test.after.always(() => rm(folder, { recursive: true, force: true }));

test.serial("--help tells the options and the exit codes", async (t) => {
	const { code, out } = await dynreg("board", "--help").ended;
	t.is(code, 0);
	for (const word of ["--config", "--host", "--store", "--until", "--timeout", "--json", "Exit codes"])
		t.true(out.includes(word), word);
});

for (const [args, complaint] of [
	[[], "--config is missing"],
	[["--config", "board.json", "--host", "moon"], '--host is "moon": it must be xs or node'],
	[["--config", "board.json", "--until", "never"], '--until is "never": it must be stored or online'],
	[["--config", "board.json", "--timeout", "soon"], "--timeout is"],
] as const)
	test.serial(`a wrong command line is told: ${complaint}`, async (t) => {
		const { code, out, err } = await dynreg("board", ...args).ended;
		t.is(code, 1);
		t.is(out, "");
		t.true(err.includes(complaint), err);
	});

for (const [what, content, complaint] of [
	["that is not there", undefined, /cannot be read: there is no such file.* dynreg init/],
	["that is not JSON", `{"productSecret": "${secret}" oops`, /is not JSON/],
	["that is no object", "[]", /must be a JSON object/],
	["with a key that is not there", JSON.stringify({ ...configuration, clientKey: "nokey.pem" }), /PEM.*nokey\.pem/],
	["with a ca that is not there", JSON.stringify({ ...configuration, ca: "nowhere.pem" }), /ca must be .*nowhere\.pem/],
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

for (const host of ["node", "xs"]) {
	test.serial(`${host}: a store that is no board's flash is told, and left alone`, async (t) => {
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

	test.serial(
		`${host}: lines are for people without --json, and interrupting ends the board with exit code 0`,
		async (t) => {
			const { process, ended } = dynreg("board", "--host", host, "--config", join(folder, "board.json"));
			let seen = "";
			while (!seen.includes("connect-failed")) [seen] = [seen + (await once(process.stdout ?? process, "data"))];
			process.kill("SIGINT");
			const { code, out } = await ended;
			t.is(code, 0);
			t.regex(out, /^\d\d:\d\d:\d\d\.\d{3} boot +tencent\/TOOLPROD01\/board-1$/m);
			t.regex(out, /failed +connect-failed: Nobody answers at 127\.0\.0\.1:1\. .* Next try in \d+ s\.$/m);
			t.false(out.includes("{"));
		},
	);

	test.serial(`${host}: interrupted before the state asked for, the exit code is not 0`, async (t) => {
		const { process, ended } = dynreg(
			...["board", "--host", host, "--config", join(folder, "board.json"), "--until", "online"],
		);
		await once(process.stdout ?? process, "data");
		process.kill("SIGTERM");
		t.is((await ended).code, 130);
	});
}
