import test from "ava";
import { type CutResults, cutEverywhere } from "./cut-everywhere.js";
import { powerCutFlows, wornFlash } from "./power-cut-flows.js";
import type { CuttableStorage } from "./storage.js";

/** @param worn how often the flash has been written before, so that what happens once in a while happens within a flow */
export function testPowerCuts(model: string, make: () => CuttableStorage, worn: number): void {
	for (const flow of powerCutFlows.filter((each) => !each.certificates || make().maxValueBytes >= 512))
		test(`no board is lost: ${flow.title}, ${model}`, async (t) => {
			const verdict = await cutEverywhere(flow, wornFlash(make(), worn));
			t.log(countText(verdict));
			t.deepEqual(verdict.lost, []);
			t.true(verdict.cuts >= 20);
		});
}

export function countText({ cuts, secondCuts, lost }: CutResults): string {
	return `${cuts} cut points, ${secondCuts} second cuts, ${lost.length} boards lost`;
}
