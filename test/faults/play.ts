import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import type { Case } from "./cases.js";
import { flows } from "./flows.js";
import { live, type Outcome } from "./life.js";
import type { Place } from "./place.js";
import { Turns } from "./turns.js";

/** Every case on one host, as tests, so many at once as it takes; and at the end what was counted. */
export function play(place: Place, cases: readonly Case[]): void {
	if (place.missing !== undefined) {
		test.skip(`${place.name}: skipped, ${place.missing}`, () => {});
		return;
	}
	const turns = new Turns(place.atOnce);
	const outcomes: Outcome[] = [];
	// Those that take long first, so that nobody waits for the last one alone.
	for (const one of cases.toSorted((a, b) => b.patience - a.patience))
		test(`${place.name}: ${flows[one.flow].name}, ${one.story}: ${one.name}`, async (t) => {
			t.timeout(900_000);
			const folder = await mkdtemp(join(tmpdir(), "dynreg-faults-"));
			try {
				outcomes.push(await turns.take(() => live(place, one, folder)));
			} finally {
				await rm(folder, { recursive: true, force: true });
			}
			t.pass();
		});
	test.after(`${place.name}: what was counted`, (t) => {
		const sum = (key: keyof Outcome): number => outcomes.reduce((all, outcome) => all + outcome[key], 0);
		const faults = new Set(cases.map(({ name }) => name)).size;
		t.log(
			`${place.name}: ${cases.length} cases (${faults} faults, ${Object.keys(flows).length} flows), ${sum("strikes")} strikes, ${sum("online")} times online, ${sum("registrations")} registrations`,
		);
	});
}
