import assert from "node:assert/strict";
import { demoBoard } from "@dynreg/cloud/internal/demo-board";
import { cloudNames } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { deviceName } from "./fixture.js";
import type { Scenario } from "./scenario.js";

/** Made up; base64 too, as Azure's keys are. */
const product = { id: "E2EEVERY01", secret: "InventedSecretOfTheMoves" };

export const everyCloud: readonly Scenario[] = [
	{
		name: "a board moved through every cloud and back keeps each credential (invariant 10)",
		async run(fixture) {
			const cloud = await fixture.cloud();
			const store = fixture.file("flash");
			const configurations: RawConfiguration[] = [];
			for (const name of cloudNames)
				configurations.push(await demoBoard(cloud, { cloud: name, ...product }, deviceName));
			for (const configuration of configurations) {
				const board = await fixture.runUntil("online", { configuration, store });
				assert.ok(board.steps().includes("registered"), String(board));
			}
			const registrations = fixture.requests("register", "accepted").length;
			assert.ok(registrations >= cloudNames.length);
			// And back.
			for (const configuration of configurations.toReversed()) {
				const board = await fixture.runUntil("online", { configuration, store });
				assert.deepEqual(board.steps(), ["boot", "connecting", "online"], String(board));
			}
			assert.equal(fixture.requests("register", "accepted").length, registrations);
		},
	},
];
