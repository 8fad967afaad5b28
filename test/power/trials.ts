import test from "ava";
import { flows, used } from "./flows.js";
import type { PowerlessStorage } from "./storage.js";
import { attempt, type Verdict } from "./trial.js";

/** @param worn how often the flash has been written before, so that what happens once in a while happens within a flow */
export function trials(model: string, make: () => PowerlessStorage, worn: number): void {
	for (const flow of flows.filter((each) => !each.certificates || make().maxValueBytes >= 512))
		test(`no board is lost: ${flow.title}, ${model}`, async (t) => {
			const verdict = await attempt(flow, used(make(), worn));
			t.log(counted(verdict));
			t.deepEqual(verdict.lost, []);
			t.true(verdict.cuts >= 20);
		});
}

export function counted({ cuts, secondCuts, lost }: Verdict): string {
	return `${cuts} cut points, ${secondCuts} second cuts, ${lost.length} boards lost`;
}
