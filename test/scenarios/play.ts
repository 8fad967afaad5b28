import test from "ava";
import type { Driver } from "./driver.js";
import { scenarios } from "./scenarios.js";
import { World } from "./world.js";

/** Every scenario on one host, as tests. */
export function play(driver: Driver): void {
	if (driver.missing !== undefined) {
		test.skip(`${driver.name}: skipped, ${driver.missing}`, () => {});
		return;
	}
	for (const { name, slow, run } of scenarios)
		(slow ? test : test.serial)(`${driver.name}: ${name}`, async (t) => {
			t.timeout(150_000);
			const world = await World.create(driver);
			try {
				await run(world);
			} finally {
				await world.end();
			}
			t.pass();
		});
}
