/** A short form of `npm run soak`. */

import { findSdk, missingSdkMessage } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { demoClouds } from "@dynreg/cloud/internal/demo-board";
import { platformNamed } from "@dynreg/cloud/internal/platforms/platform-named";
import test from "ava";
import { tencentBoard, tokenBoard } from "../power/power-cut-flows.js";
import { heapGrowth, heapGrowthOfDay } from "./heap-growth.js";
import { measureReconnects, measureSdkSockets } from "./reconnects.js";
import { simulateDay } from "./simulated-day.js";

const times = 12;
/** In the simulator: its boards wait for moments, and a cloud that has to make a key first takes longer. */
const clouds = demoClouds.filter((name) => !platformNamed(name).claims);

test("the growth of a heap is noticed", (t) => {
	const leaks = Array.from({ length: 10 }, (_, index) => ({ slots: 100 + 3 * index, chunks: 50 }));
	t.deepEqual(heapGrowth(leaks), { slots: 3, chunks: 0 });
	t.deepEqual(heapGrowth([{ slots: 900 }, ...leaks.map(() => ({ slots: 100 }))]), { slots: 0 });
	t.throws(() => heapGrowth(leaks.slice(0, 4)));
	t.is(heapGrowthOfDay([[100, 179, 101, 101, 102], [], [7]]), 0);
	t.true(heapGrowthOfDay([[100], [100, 103, 106, 109, 112]]) > 0);
});

for (const cloud of demoClouds)
	test(`xs: ${cloud}: ${times} reconnections leave nothing behind, not a slot`, async (t) => {
		const heaps = await measureReconnects({ host: "xs", cloud, times });
		t.is(heaps.length, times + 1);
		t.deepEqual(heapGrowth(heaps), { slots: 0, allocated: 0 });
	});

if (findSdk() === undefined) test.skip(`sim: skipped, ${missingSdkMessage}`, () => {});
else
	test.serial(`sim: ${times} reconnections leave nothing behind but what the SDK's own socket does`, async (t) => {
		t.timeout(300_000);
		// On Linux, the simulator's socket is not the SDK's.
		const isOwn = process.platform === "linux";
		const alone = isOwn ? { slots: 0, chunks: 0 } : heapGrowth(await measureSdkSockets(times));
		for (const cloud of clouds) {
			const each = heapGrowth(await measureReconnects({ host: "sim", cloud, times }));
			t.log(cloud, each, "of it the SDK's", alone);
			t.deepEqual(each, alone);
		}
	});

for (const life of [tencentBoard, tokenBoard])
	test(`${life.name.platform}: a day with everything going wrong now and then`, async (t) => {
		const seen = new Set<string>();
		for (let seed = 1; seed <= 3; seed++) {
			const day = await simulateDay({ life, hours: 24, seed });
			const { attempts, sessions, registrations, powerCuts, cutsInWrites, longestReturn } = day;
			t.log({ seed, attempts, sessions, registrations, powerCuts, cutsInWrites, longestReturn });
			t.deepEqual(day.violations, []);
			t.true(day.onlineAtEnd, "online at the end of the day");
			t.is(heapGrowthOfDay(day.heaps), 0);
			t.true(sessions > 50 && powerCuts > 5);
			for (const code of day.failures.keys()) seen.add(code);
		}
		t.true(seen.size > 12, [...seen].join(", "));
	});

test("the same seed gives the same day", async (t) => {
	const [one, same, other] = await Promise.all(
		[7, 7, 8].map((seed) => simulateDay({ life: tencentBoard, hours: 6, seed })),
	);
	t.deepEqual(same, one);
	t.notDeepEqual(other, one);
});
