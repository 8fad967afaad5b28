import assert from "node:assert/strict";
import type { Code } from "dynreg/contracts/error";
import type { Board } from "./board.js";
import type { World } from "./world.js";

export interface Scenario {
	readonly name: string;
	/** It is mostly waiting, so it may run beside others. */
	readonly slow?: true;
	run(world: World): Promise<void>;
}

export async function exits(board: Board, code: number): Promise<void> {
	assert.equal(await board.exit, code, `exit code; it told:\n${board.output}`);
}

/** An error that only a person can mend. */
export async function stops(board: Board, phase: string, code: Code) {
	await exits(board, 3);
	const failure = await board.event("failed");
	assert.equal(`${failure.phase} ${failure.code} ${failure.action}`, `${phase} ${code} stop`);
	return failure;
}

/** What it went through, without the clock that may be set at any time. */
export function steps(board: Board): string[] {
	return board.events.map(({ event }) => event).filter((event) => event !== "clock");
}
