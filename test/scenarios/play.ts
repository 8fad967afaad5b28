import test from "ava";
import type { BoardHost } from "../support/board-hosts.js";
import { Turns } from "../support/turns.js";
import { scenarios } from "./scenarios.js";
import { World } from "./world.js";

/** Scenarios on one host, as tests. */
export function play(host: BoardHost, chosen = scenarios): void {
	if (host.missing !== undefined) {
		test.skip(`${host.name}: skipped, ${host.missing}`, () => {});
		return;
	}
	const turns = new Turns(host.atOnce);
	for (const { name, run } of chosen)
		test(`${host.name}: ${name}`, async (t) => {
			t.timeout(900_000);
			await turns.take(async () => {
				const world = await World.create(host);
				try {
					await run(world);
				} finally {
					await world.end();
				}
			});
			t.pass();
		});
}
