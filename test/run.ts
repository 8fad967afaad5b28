/**
 * Runs the tests: `npm test`, `npm run test:sdk`, `npm run test:all`. Prints what it is at, and all of what has failed;
 * at the end the names of these tests, and one line with the numbers. `node test/build/run.js all simulator` runs the
 * parts with that word in their names.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { openVirtualDisplay } from "@dynreg/cli/internal/boards/display";
import { buildSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, missingSdkMessage } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { type Part, suites } from "./suites.js";

const root = dirname(fileURLToPath(import.meta.resolve("dynreg/package.json")));

/** A program of a package's, and the arguments before those of the part. */
const programs = {
	ava: [bin("ava")],
	c8: [bin("c8")],
	biome: [bin("biome")],
	cspell: [bin("cspell")],
	node: [],
} as const satisfies Record<string, readonly string[]>;

interface Outcome {
	readonly part: Part;
	readonly code: number;
	readonly passed: number;
	/** A line each: the test's name, and how its error begins. */
	readonly failed: readonly string[];
	readonly skipped: number;
	readonly seconds: number;
}

/** Milliseconds between two lines of progress. */
const quiet = 15_000;

process.exitCode = await main(process.argv.slice(2));

async function main([name = "test", word = ""]: string[]): Promise<number> {
	const suite = suites[name];
	if (suite === undefined) {
		say(`There is no suite ${name}; there is ${Object.keys(suites).join(", ")}`);
		return 1;
	}
	const began = performance.now();
	if (suite.needsSdk && findSdk() === undefined) {
		say(`Skipped: links, conformance and smoke tests in the simulator; ${missingSdkMessage}`);
		return 0;
	}
	const stages = suite.stages.map((stage) => stage.filter((part) => part.name.includes(word)));
	if (stages.flat().length === 0) {
		say(
			`No part of ${name} has "${word}" in its name. There is: ${suite.stages
				.flat()
				.map((part) => part.name)
				.join("; ")}`,
		);
		return 1;
	}
	const outcomes: Outcome[] = [];
	const simulators = await prepareSimulators(stages.flat());
	for (const stage of stages)
		outcomes.push(
			...(await Promise.all(stage.map((part) => run(part, part.simulators ? simulators.environment : {})))),
		);
	simulators.close();
	const sum = (key: "passed" | "skipped") => outcomes.reduce((all, outcome) => all + outcome[key], 0);
	const broken = outcomes.filter(({ code }) => code !== 0);
	for (const { part, failed } of broken) {
		say(`Failed: ${part.name}`);
		for (const line of failed) say(`  ${line.slice(0, 160)}`);
	}
	const failed = outcomes.flatMap((outcome) => outcome.failed).length;
	const skipped = sum("skipped") === 0 ? "" : `, ${sum("skipped")} skipped`;
	say(`${sum("passed")} passed, ${failed} failed${skipped} in ${seconds(began)} s`);
	return broken.length === 0 ? 0 : 1;
}

/** One image and one display for all simulators of a run, if there are any. */
async function prepareSimulators(parts: readonly Part[]) {
	if (findSdk() === undefined || !parts.some(({ simulators }) => simulators)) return { environment: {}, close() {} };
	say("Building the firmware for the simulator …");
	const display = await openVirtualDisplay();
	const environment = { DYNREG_SIM_DISPLAY: display.name, DYNREG_SIM_IMAGE: await buildSimulator() };
	return { environment, close: display.close };
}

async function run(part: Part, environment: NodeJS.ProcessEnv): Promise<Outcome> {
	const began = performance.now();
	const [program, ...parameters] = part.command;
	const child = spawn(process.execPath, [...(programs[program] ?? []), ...parameters.map(file)], {
		cwd: root,
		env: { ...process.env, PATH: `${bin("")}:${process.env.PATH}`, ...environment },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let output = "";
	const hear = (text: Buffer) => {
		output += text;
	};
	child.stdout.on("data", hear);
	child.stderr.on("data", hear);
	const count = (mark: RegExp) => output.match(mark)?.length ?? 0;
	const progress = setInterval(() => say(`  ${part.name}: ${count(/^ +✔ /gm)} passed so far`), quiet);
	const code = await ended(child);
	clearInterval(progress);
	const outcome = {
		part,
		code,
		passed: count(/^ +✔ /gm),
		failed: Array.from(output.matchAll(/^ +✘ (?:\[fail\]: )?(.*)$/gm), ([, line = ""]) => line),
		skipped: count(/^ +- \[skip\]/gm),
		seconds: seconds(began),
	};
	const counts = outcome.passed ? `${outcome.passed} passed, ${outcome.failed.length} failed, ` : "";
	if (code !== 0) say(output.replaceAll(/^ +✔ .*\n/gm, ""));
	say(`${code === 0 ? "✔" : "✘"} ${part.name}: ${counts}${outcome.seconds} s`);
	return outcome;
}

function ended(child: ChildProcess): Promise<number> {
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("close", (code) => resolve(code ?? 1));
	});
}

/** "unit/*" is all test files of that folder as they have been compiled. */
function file(parameter: string): string {
	return /^[a-z]+\/[*a-z-]+$/.test(parameter) ? `test/build/${parameter}.test.js` : parameter;
}

function bin(name: string): string {
	return join(root, "node_modules", ".bin", name);
}

function seconds(began: number): number {
	return Math.round((performance.now() - began) / 1000);
}

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}
