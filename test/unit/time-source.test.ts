import { setTimeout as sleep } from "node:timers/promises";
import { scaledTime } from "@dynreg/node";
import test from "ava";

test("a scaled time is no faster than real while something computes", async (t) => {
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
	t.true(computed <= performance.now() - began, `${computed} ms`);
	ends[0]?.();
	t.true((await pass()) < 45_000, "the other one computes still");
	ends[1]?.();
	t.true((await pass()) >= 45_000);
});
