/** A short form of `npm run soak`. */

import { findSdk, noSdk } from "@dynreg/cli/internal/sdk/moddable";
import { demoClouds } from "@dynreg/cloud/internal/demo-board";
import test from "ava";
import { board, tokened } from "../power/flows.js";
import { liveThrough } from "./day.js";
import { growth, growthOfDay } from "./growth.js";
import { connectAlone, reconnect } from "./reconnects.js";

const times = 12;

test("the growth of a heap is noticed", (t) => {
	const leaks = Array.from({ length: 10 }, (_, index) => ({ slots: 100 + 3 * index, chunks: 50 }));
	t.deepEqual(growth(leaks), { slots: 3, chunks: 0 });
	t.deepEqual(growth([{ slots: 900 }, ...leaks.map(() => ({ slots: 100 }))]), { slots: 0 });
	t.throws(() => growth(leaks.slice(0, 4)));
	t.is(growthOfDay([[100, 179, 101, 101, 102], [], [7]]), 0);
	t.true(growthOfDay([[100], [100, 103, 106, 109, 112]]) > 0);
});

for (const cloud of demoClouds)
	test(`xs: ${cloud}: ${times} reconnections leave nothing behind, not a slot`, async (t) => {
		const heaps = await reconnect({ host: "xs", cloud, times });
		t.is(heaps.length, times + 1);
		t.deepEqual(growth(heaps), { slots: 0, allocated: 0 });
	});

if (findSdk() === undefined) test.skip(`sim: skipped, ${noSdk}`, () => {});
else
	test.serial(`sim: ${times} reconnections leave no more behind than the SDK's own socket does`, async (t) => {
		t.timeout(300_000);
		const alone = growth(await connectAlone(times));
		for (const cloud of demoClouds) {
			const each = growth(await reconnect({ host: "sim", cloud, times }));
			t.log(cloud, each, "of it the SDK's", alone);
			t.deepEqual(each, alone);
		}
	});

for (const life of [board, tokened])
	test(`${life.name.platform}: a day with everything going wrong now and then`, async (t) => {
		const seen = new Set<string>();
		for (let seed = 1; seed <= 3; seed++) {
			const day = await liveThrough({ life, hours: 24, seed });
			const { attempts, sessions, registrations, powerCuts, cutsInWrites, longestReturn } = day;
			t.log({ seed, attempts, sessions, registrations, powerCuts, cutsInWrites, longestReturn });
			t.deepEqual(day.wrong, []);
			t.true(day.well, "online at the end of the day");
			t.is(growthOfDay(day.heaps), 0);
			t.true(sessions > 50 && powerCuts > 5);
			for (const code of day.failures.keys()) seen.add(code);
		}
		t.true(seen.size > 12, [...seen].join(", "));
	});

test("the same seed gives the same day", async (t) => {
	const [one, same, other] = await Promise.all([7, 7, 8].map((seed) => liveThrough({ life: board, hours: 6, seed })));
	t.deepEqual(same, one);
	t.notDeepEqual(other, one);
});
