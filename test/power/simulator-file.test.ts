/** The simulator's file is deleted before it is written, with all that is in it: it stands for no board, so it may. */

import test from "ava";
import { cutEverywhere } from "./cut-everywhere.js";
import { SimulatorFile } from "./files.js";
import { powerCutFlows, wornFlash } from "./power-cut-flows.js";
import { countText } from "./power-cut-tests.js";

test("known weakness: first registration, simulator", async (t) => {
	const [flow] = powerCutFlows as [(typeof powerCutFlows)[0]];
	const verdict = await cutEverywhere(flow, wornFlash(new SimulatorFile(), 0), true);
	t.log(countText(verdict));
	t.true(verdict.lost.length <= 34, `${verdict.lost.length} boards lost, 34 were known`);
});
