/**
 * What the SDK's own preferences lose on an ESP8266: nothing outside of them can help it (docs/internals/reliability.md), so
 * these tests hold the number where it is. `storage: "flash-log"` is the way out, and loses nothing (flash-log.test.ts).
 */

import test from "ava";
import { cutEverywhere } from "./cut-everywhere.js";
import { Esp8266Preferences } from "./esp8266-preferences.js";
import { powerCutFlows, wornFlash } from "./power-cut-flows.js";
import { countText } from "./power-cut-tests.js";

/** Flow, writes of the flash before it (96: everything is moved meanwhile, back to the first sector), boards lost. */
const known = [
	["first registration", 10, 22],
	["first registration", 96, 215],
	["replacement of a fresh credential", 10, 160],
	["change of product and back", 10, 44],
	["change of name and back", 10, 44],
	["token", 10, 22],
] as const;

for (const [title, worn, most] of known)
	test(`known weakness: ${title}, ESP8266 preferences, after ${worn} writes`, async (t) => {
		const flow = powerCutFlows.find((each) => each.title === title);
		if (!flow) throw new Error(`there is no flow ${title}`);
		const verdict = await cutEverywhere(flow, wornFlash(new Esp8266Preferences(), worn), true);
		const fatal = verdict.lostMilliseconds / verdict.writes;
		t.log(`${countText(verdict)}: of each record that is written, ${fatal.toFixed(2)} ms`);
		t.true(verdict.lost.length <= most, `${verdict.lost.length} boards lost, ${most} were known`);
		t.true(fatal < 3);
	});

test("the SDK returns the last two of 63 bytes wrong, and 61 bytes right", (t) => {
	const storage = new Esp8266Preferences();
	for (const length of [storage.maxValueBytes, 62, 63]) {
		const value = Uint8Array.from({ length }, (_, index) => index + 1);
		storage.set("a1", value);
		if (length === 61) t.deepEqual(storage.get("a1"), value);
		else t.notDeepEqual(storage.get("a1"), value);
	}
});
