/** The simulator's file is deleted before it is written, with all that is in it: it stands for no board, so it may. */

import test from "ava";
import { SimulatorFile } from "./files.js";
import { flows, used } from "./flows.js";
import { attempt } from "./trial.js";
import { counted } from "./trials.js";

test("known weakness: first registration, simulator", async (t) => {
	const [flow] = flows as [(typeof flows)[0]];
	const verdict = await attempt(flow, used(new SimulatorFile(), 0), true);
	t.log(counted(verdict));
	t.true(verdict.lost.length <= 34, `${verdict.lost.length} boards lost, 34 were known`);
});
