import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud } from "@dynreg/cloud";
import { demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import test, { type ExecutionContext } from "ava";
import { dynregIn, type RunningProgram } from "./dynreg.js";
import { fakeToolchain } from "./fake-toolchain.js";

/** The output that shows that a command has its temporary files. */
const commands = [
	["demo", /board/, []],
	["fleet", /cold start/, ["--real", "3"]],
	["cloud", /ready/, ["--json"]],
	["board", /boot/, ["--host", "node", "--config", "CONFIG"]],
	["board", /boot/, ["--host", "xs", "--config", "CONFIG"]],
] as const;

async function newFolder(t: ExecutionContext): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-temporary-"));
	t.teardown(() => rm(folder, { recursive: true, force: true }));
	return folder;
}

function shows(t: ExecutionContext, { process, ended }: RunningProgram, text: RegExp): Promise<unknown> {
	t.teardown(() => process.kill("SIGKILL"));
	let seen = "";
	const shown = new Promise((resolve) =>
		process.stdout?.on("data", (chunk) => {
			seen += String(chunk);
			if (text.test(seen)) resolve(undefined);
		}),
	);
	return Promise.race([shown, ended]);
}

for (const [command, text, parameters] of commands)
	test(`${[command, ...parameters].join(" ")}: a signal leaves no temporary files`, async (t) => {
		const config = join(await newFolder(t), "board.json");
		const cloud = await startCloud();
		t.teardown(() => cloud.close());
		const product = { cloud: "tencent", id: "TEMPORARY1", secret: "a-secret-of-16-characters" } as const;
		await writeFile(config, JSON.stringify(demoConfiguration(cloud, product, "board-1")));
		for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
			const temporary = await newFolder(t);
			const given = parameters.map((each) => (each === "CONFIG" ? config : each));
			const running = dynregIn({ TMPDIR: temporary }, command, ...given);
			await shows(t, running, text);
			t.not((await readdir(temporary)).length, 0);
			running.process.kill(signal);
			await running.ended;
			t.deepEqual(await readdir(temporary), [], signal);
		}
	});

test("an error leaves no temporary files", async (t) => {
	const temporary = await newFolder(t);
	const fake = await fakeToolchain();
	t.teardown(fake.remove);
	const environment = { ...fake.environment, TMPDIR: temporary };
	for (const command of [
		["cloud", "--faults", join(temporary, "none.json")],
		["board", "--config", join(temporary, "none.json")],
		["test", "--platform", "sim", "--report", "/proc/dynreg"],
		["flash", "--platform", "esp32", "--config", join(temporary, "none.json")],
	]) {
		t.is((await dynregIn(environment, ...command).ended).code, 1);
		t.deepEqual(await readdir(temporary), [], command[0]);
	}
});
