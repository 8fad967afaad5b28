import type { Code, Phase } from "dynreg/contracts/error";
import type { Milliseconds, Timers } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";

/** @throws Error that says what was expected and what came */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
	if (actual !== expected) throw new Error(`${what}: expected ${show(expected)}, got ${show(actual)}`);
}

/** @throws Error that says what should have held */
export function expectTrue(condition: boolean, what: string): void {
	if (!condition) throw new Error(`expected that ${what}`);
}

/** The `Failure` that the work ends in. @throws Error when it ends otherwise */
export async function expectFailure(work: () => unknown, phase: Phase, code: Code): Promise<Failure> {
	let result: unknown;
	try {
		result = await work();
	} catch (error) {
		if (!(error instanceof Failure)) throw new Error(`expected a Failure ${phase} ${code}, got ${show(error)}`);
		if (error.phase !== phase || error.code !== code)
			throw new Error(`expected ${phase} ${code}, got ${error.phase} ${error.code} (${error.message})`);
		expectTrue(error.message.length > 0, `${code} says something to a person`);
		return error;
	}
	throw new Error(`expected ${phase} ${code}, but it succeeded with ${show(result)}`);
}

/** @throws Error when the work does not throw */
export function expectThrow(work: () => unknown, what: string): void {
	let result: unknown;
	try {
		result = work();
	} catch {
		return;
	}
	throw new Error(`${what}: expected an error, got ${show(result)}`);
}

export function sleep(timers: Timers, duration: Milliseconds): Promise<void> {
	return new Promise((resolve) => {
		timers.after(duration, resolve);
	});
}

function show(value: unknown): string {
	if (value instanceof Error) return `${value.name}: ${value.message}`;
	if (value instanceof Uint8Array) return `${value.length} bytes [${value.join(" ")}]`;
	if (typeof value === "string") return JSON.stringify(value);
	return String(value);
}
