import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const program = fileURLToPath(new URL("../../../cli/build/dynreg.js", import.meta.url));

export interface ProgramResult {
	/** The exit code. */
	readonly code: number | null;
	readonly out: string;
	readonly err: string;
}

export interface RunningProgram {
	readonly process: ChildProcess;
	readonly ended: Promise<ProgramResult>;
}

/** Runs `dynreg` with these arguments. */
export function dynreg(...args: readonly string[]): RunningProgram {
	return dynregIn({}, ...args);
}

/** The same with something else in its environment. */
export function dynregIn(environment: NodeJS.ProcessEnv, ...args: readonly string[]): RunningProgram {
	const process = spawn(globalThis.process.execPath, [program, ...args], {
		stdio: ["ignore", "pipe", "pipe"],
		env: { ...globalThis.process.env, ...environment },
	});
	let out = "";
	let err = "";
	process.stdout.on("data", (text: Buffer) => {
		out += text;
	});
	process.stderr.on("data", (text: Buffer) => {
		err += text;
	});
	const ended = new Promise<ProgramResult>((resolve) => process.once("close", (code) => resolve({ code, out, err })));
	return { process, ended };
}

/** What it has printed when this is in it. */
export async function outputUntil({ stdout }: ChildProcess, pattern: RegExp): Promise<string> {
	let out = "";
	for await (const text of stdout ?? []) {
		out += text;
		if (pattern.test(out)) break;
	}
	return out;
}
