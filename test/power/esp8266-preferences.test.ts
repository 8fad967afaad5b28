/**
 * What the SDK's own preferences lose on an ESP8266: nothing outside of them can help it (docs/reliability.md), so
 * these tests hold the number where it is. `vault: "flash"` is the way out, and loses nothing (flash-log.test.ts).
 */

import test from "ava";
import { Esp8266Preferences } from "./esp8266-preferences.js";
import { flows, used } from "./flows.js";
import { attempt } from "./trial.js";
import { counted } from "./trials.js";

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
	test(`known weakness: ${title}, ESP8266 with the SDK's preferences, written ${worn} times before`, async (t) => {
		const flow = flows.find((each) => each.title === title);
		if (!flow) throw new Error(`there is no flow ${title}`);
		const verdict = await attempt(flow, used(new Esp8266Preferences(), worn), true);
		const fatal = verdict.lostMilliseconds / verdict.writes;
		t.log(`${counted(verdict)}: of each record that is written, ${fatal.toFixed(2)} ms`);
		t.true(verdict.lost.length <= most, `${verdict.lost.length} boards lost, ${most} were known`);
		t.true(fatal < 3);
	});

test("the SDK returns the last two of 63 bytes from beyond its buffer, and 61 as they were written", (t) => {
	const storage = new Esp8266Preferences();
	for (const length of [storage.maxValueBytes, 62, 63]) {
		const value = Uint8Array.from({ length }, (_, index) => index + 1);
		storage.set("a1", value);
		if (length === 61) t.deepEqual(storage.get("a1"), value);
		else t.notDeepEqual(storage.get("a1"), value);
	}
});
