import assert from "node:assert/strict";
import type { Code } from "dynreg/contracts/error";
import type { TestBoard } from "../support/test-board.js";
import type { World } from "./world.js";

export interface Scenario {
	readonly name: string;
	run(world: World): Promise<void>;
}

/** A board's clock, UTC in milliseconds. What an answer takes on a busy machine is much in board time. */
export function isRight(now: number): void {
	assert.ok(Math.abs(now - Date.now()) < 60_000, `the clock is right (${now})`);
}

/** The first thing that goes wrong is an error that only a person can fix. */
export async function stops(board: TestBoard, phase: string, code: Code) {
	const failure = await board.event("failed");
	assert.equal(`${failure.phase} ${failure.code} ${failure.action}`, `${phase} ${code} stop`, String(board));
	assert.ok(!board.steps().includes("online"), String(board));
	board.off();
	return failure;
}
