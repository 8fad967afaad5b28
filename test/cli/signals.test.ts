import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startCloud } from "@dynreg/cloud";
import { demoConfiguration } from "@dynreg/cloud/internal/demo-board";
import test from "ava";
import { dynregIn } from "./dynreg.js";
import { fakeToolchain } from "./fake-toolchain.js";

const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const;
/** Milliseconds. Another test file may be building in the same folder. */
const patience = 150_000;

/** Commands that start programs, and the program that is still running when the signal comes. */
const commands = [
	["test", "mcconfig", ["test", "--case", "^log: "]],
	["test", "serial2xsbug", ["test", "--case", "^log: "]],
	["flash", "mcconfig", ["flash", "--config", "board.json"]],
	["flash", "serial2xsbug", ["flash", "--config", "board.json"]],
] as const;

for (const [command, program, parameters] of commands)
	for (const signal of signals)
		test.serial(`${command}, ended by ${signal}, ends ${program} and what that has started`, async (t) => {
			t.timeout(2 * patience);
			const folder = await mkdtemp(join(tmpdir(), "dynreg-signal-"));
			const fake = await fakeToolchain();
			const pids = join(folder, "pids");
			const password = join(folder, "wifi");
			const config = join(folder, "board.json");
			await writeFile(password, "a wifi password\n");
			await writeFile(
				config,
				JSON.stringify({ cloud: "tencent", productId: "ABCDE12345", productSecret: "a-secret-of-16-characters" }),
			);
			const { MODDABLE: sdk = "" } = fake.environment;
			await writeFile(
				join(sdk, "build/bin/lin/release", program),
				`#!/bin/sh\nsleep 300 & echo $$ $! >"${pids}"\nwait\n`,
				{ mode: 0o755 },
			);
			const board = ["--platform", "esp32", "--port", "/dev/fake0"];
			const wifi = ["--ssid", "workbench", "--wifi-password-file", password];
			const address = command === "test" ? ["--address", "127.0.0.1"] : [];
			const given = parameters.map((each) => (each === "board.json" ? config : each));
			const { process: running, ended } = dynregIn(fake.environment, ...given, ...board, ...wifi, ...address);
			t.teardown(async () => {
				running.kill("SIGKILL");
				await fake.remove();
				await rm(folder, { recursive: true, force: true });
			});
			let output = "";
			running.stderr?.on("data", (text) => {
				output += text;
			});
			t.true(await comes(async () => (await started(pids)).length === 2), `it does not start: ${output}`);
			running.kill(signal);
			await ended;
			const all = await started(pids);
			t.true(await comes(async () => !all.some(isAlive)), `${all.filter(isAlive)} live on`);
		});

test("board --host xs, killed, leaves no engine behind", async (t) => {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-signal-"));
	const cloud = await startCloud();
	const config = join(folder, "board.json");
	const product = { cloud: "tencent", id: "SIGNAL0001", secret: "a-secret-of-16-characters" } as const;
	await writeFile(config, JSON.stringify(demoConfiguration(cloud, product, "board-1")));
	const { process: running, ended } = dynregIn({}, "board", "--host", "xs", "--config", config);
	t.teardown(async () => {
		running.kill("SIGKILL");
		await cloud.close();
		await rm(folder, { recursive: true, force: true });
	});
	let engines: readonly number[] = [];
	t.true(
		await comes(async () => {
			engines = await childrenOf(running.pid ?? 0);
			return engines.length > 0 && cloud.administration.requests().length > 0;
		}),
	);
	running.kill("SIGKILL");
	await ended;
	t.true(await comes(async () => !engines.some(isAlive)));
});

async function started(file: string): Promise<readonly number[]> {
	const text = await readFile(file, "utf8").catch(() => "");
	return text.trim().split(" ").filter(Boolean).map(Number);
}

async function childrenOf(pid: number): Promise<readonly number[]> {
	return started(`/proc/${pid}/task/${pid}/children`);
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

async function comes(holds: () => Promise<boolean>): Promise<boolean> {
	for (const end = Date.now() + patience; Date.now() < end; await sleep(50)) if (await holds()) return true;
	return false;
}
