import assert from "node:assert/strict";
import type { ProductChange } from "@dynreg/cloud";
import type { Code } from "dynreg/contracts/error";
import type { TestBoard } from "../support/test-board.js";
import { deviceName, type Fixture, product } from "./fixture.js";

export interface Scenario {
	readonly name: string;
	/** Takes minutes of board time, so it runs only on hosts with scaled time. */
	readonly isLong?: true;
	/** Name servers know no board time. */
	readonly isRealTime?: true;
	/** Why it cannot run on this computer, if so. */
	readonly missingReason?: string | undefined;
	run(fixture: Fixture): Promise<void>;
}

/** A board's clock, UTC in milliseconds. What an answer takes on a busy machine is much in board time. */
export function assertClockIsRight(now: number): void {
	assert.ok(Math.abs(now - Date.now()) < 60_000, `the clock is right (${now})`);
}

/** The first thing that goes wrong is an error that only a person can fix. */
export async function assertNeedsAttention(board: TestBoard, phase: string, code: Code) {
	const failure = await board.event("failed");
	assert.equal(`${failure.phase} ${failure.code} ${failure.action}`, `${phase} ${code} needs-attention`, String(board));
	assert.ok(!board.steps().includes("online"), String(board));
	board.powerOff();
	return failure;
}

/** The cloud replaces a Tencent credential between registration and first connection. */
export function replacesFreshCredential(name: string, change: Partial<ProductChange>): Scenario {
	return {
		name,
		async run(fixture) {
			const cloud = await fixture.cloud(change);
			const configuration = fixture.configuration(cloud);
			const store = fixture.file("flash");
			await fixture.runUntil("stored", { configuration, store });
			cloud.administration.rotateDevice("tencent", product.id, deviceName);
			const board = await fixture.board({ configuration, store });
			const failure = await board.event("failed");
			assert.equal(`${failure.phase} ${failure.code}`, "connect credential-refused");
			await board.event("online", { seconds: failure.retryIn ?? 0 });
			assert.equal(fixture.requests("register", "accepted").length, 2);
		},
	};
}
