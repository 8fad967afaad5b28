import test from "ava";
import { type BoardHost, realTimeHost } from "../support/board-hosts.js";
import { Semaphore } from "../support/semaphore.js";
import { Fixture } from "./fixture.js";
import { scenarios } from "./scenarios.js";

/** Scenarios on one host, as tests. */
export function runScenarios(host: BoardHost, chosen = scenarios): void {
	if (host.missingReason !== undefined) {
		test.skip(`${host.name}: skipped, ${host.missingReason}`, () => {});
		return;
	}
	const semaphore = new Semaphore(host.maxBoards);
	for (const { name, run, isRealTime, missingReason } of chosen.filter(({ isLong }) => !isLong || host.scale > 1)) {
		if (missingReason !== undefined) {
			test.skip(`${host.name}: ${name}: skipped, ${missingReason}`, () => {});
			continue;
		}
		test(`${host.name}: ${name}`, async (t) => {
			t.timeout(900_000);
			await semaphore.run(async () => {
				const fixture = await Fixture.create(isRealTime ? realTimeHost(host) : host);
				try {
					await run(fixture);
				} finally {
					await fixture.close();
				}
			});
			t.pass();
		});
	}
}
