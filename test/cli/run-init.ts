import { type ChildProcess, spawn } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Semaphore } from "../support/semaphore.js";
import { type ProgramResult, program } from "./dynreg.js";

interface Run {
	readonly input?: string;
	readonly environment?: NodeJS.ProcessEnv;
}

/** The tests of a file begin together: programs of a second each would all take a minute, and time out. */
const places = new Semaphore(4);

/** Runs `dynreg init` in a folder, without a terminal. */
export function init(
	folder: string,
	args: readonly string[],
	{ input = "", environment = {} }: Run = {},
): Promise<ProgramResult> {
	return places.run(() => {
		const child = spawn(process.execPath, [program, "init", ...args], {
			cwd: folder,
			env: { ...process.env, ...environment },
		});
		child.stdin.end(input);
		return ended(child);
	});
}

/** Waits for the end of a program, with all that it printed. */
export function ended(child: ChildProcess): Promise<ProgramResult> {
	let out = "";
	let err = "";
	child.stdout?.on("data", (text: Buffer) => {
		out += text;
	});
	child.stderr?.on("data", (text: Buffer) => {
		err += text;
	});
	return new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err })));
}

export const read = async (...path: string[]) => JSON.parse(await readFile(join(...path), "utf8")) as RawConfiguration;
export const mode = async (...path: string[]) => ((await stat(join(...path))).mode & 0o777).toString(8);
