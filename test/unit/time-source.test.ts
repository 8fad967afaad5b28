import { setTimeout as sleep } from "node:timers/promises";
import { scaledTime } from "@dynreg/node";
import test from "ava";

test("a scaled time has a quarter of its speed while something computes", async (t) => {
	const time = scaledTime(1000, { longestStep: Infinity });
	const pass = async (): Promise<number> => {
		const before = time.now();
		await sleep(50);
		return time.now() - before;
	};
	t.true((await pass()) >= 45_000);
	const ends = [time.computing?.(), time.computing?.()];
	const began = performance.now();
	const computed = await pass();
	t.true(computed >= 11_000, `${computed} ms`);
	t.true(computed <= 250 * (performance.now() - began), `${computed} ms`);
	ends[0]?.();
	const left = performance.now();
	t.true((await pass()) <= 250 * (performance.now() - left), "the other one computes still");
	ends[1]?.();
	t.true((await pass()) >= 45_000);
});
