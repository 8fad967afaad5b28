/** `dynreg init` and `dynreg sim`, followed word by word. */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openVirtualDisplay } from "@dynreg/cli/internal/boards/display";
import { findSdk, missingSdkMessage, project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { startCloud } from "@dynreg/cloud";
import test from "ava";
import { program } from "../cli/dynreg.js";
import { ended, init, mode } from "../cli/run-init.js";

const story = "a new application is built outside of the project, registers, keeps its flash, and shows what it traces";
if (findSdk() === undefined) test.skip(`${story}: skipped, ${missingSdkMessage}`, () => {});
else
	test(story, async (t) => {
		t.timeout(400_000);
		const folder = await realpath(await mkdtemp(join(tmpdir(), "dynreg-init-")));
		t.teardown(() => rm(folder, { recursive: true, force: true }));
		const cloud = await startCloud();
		t.teardown(() => cloud.close());
		const { code, err } = await init(folder, ["sim-lamp", "--local", "--admin", cloud.urls.admin]);
		t.is(code, 0, err);
		const lamp = join(folder, "sim-lamp");
		const display = await openVirtualDisplay();
		t.teardown(() => display.close());
		const sim = (...args: string[]) =>
			spawn(process.execPath, [program, "sim", ...args, "--timeout", "100"], {
				cwd: lamp,
				env: { ...process.env, DISPLAY: display.name },
			});
		const secretOf = async () => (await readFile(join(lamp, ".dynreg/product.secret"), "utf8")).trim();

		const first = await ended(sim("--until", "online"));
		t.is(first.code, 0, first.out + first.err);
		t.regex(
			first.err,
			/^Building sim-lamp for the simulator.*\n(Building: \d+ s, \d+ steps\n)*Built after [\d.]+ s, \d{2,} steps\n$/,
		);
		t.regex(first.out, /boot .*registered .*stored .*connecting .*online +tencent\/SIMLAMP\/board-1\n$/s);
		t.false(`${first.out}${first.err}`.includes(await secretOf()));
		t.false(existsSync(join(project, "build/moddable/bin/lin/mc/debug/sim-lamp")));
		t.is(await mode(lamp, ".dynreg"), "700");

		const second = sim("--json");
		second.stdout.on("data", (text: Buffer) => {
			if (text.includes('"clock"')) cloud.administration.sendMessage("tencent", "SIMLAMP", "board-1", '{"lamp":"on"}');
			if (text.includes("the lamp is on")) second.kill("SIGINT");
		});
		const told = await ended(second);
		t.is(told.code, 0, told.err);
		const lines = told.out
			.trim()
			.split("\n")
			.map((line) => JSON.parse(line) as { event?: string; trace?: string });
		t.false(
			lines.some(({ event }) => event === "registering"),
			"its flash has been kept",
		);
		t.true(lines.some(({ trace }) => trace === "the lamp is on"));
		t.is(told.err, "");

		await writeFile(join(lamp, "main.ts"), 'trace("hello of my own\\n");\nexport const x: number = 1;\n');
		const own = sim("--json");
		own.stdout.on("data", (text: Buffer) => text.includes("hello of my own") && own.kill("SIGINT"));
		const traced = await ended(own);
		t.is(traced.code, 0, traced.err);
		t.true(traced.out.includes('{"trace":"hello of my own"}\n'));

		await writeFile(join(lamp, "main.ts"), 'export const x: number = "one";\n');
		const broken = await ended(sim());
		t.is(broken.code, 1);
		t.regex(
			broken.err,
			/cannot be built for the simulator\. The SDK's tools reported:\nmain\.ts\(1,14\): error TS2322/,
		);
		t.notRegex(broken.err, /^# (cc|xsc|tsc) \S+$/m);

		await writeFile(join(lamp, "main.ts"), await readFile(join(project, "examples/lamp/main.ts"), "utf8"));
		const erased = await ended(sim("--erase", "--window", "--until", "online"));
		t.is(erased.code, 3, erased.err);
		t.regex(erased.out, /already-activated \(needs your attention\)/);
	});
