import { countStalls } from "@dynreg/tools/delay-proxy";
import test from "ava";

type Side = "client" | "server";

const stallsOf = (...segments: (readonly [at: number, from: Side])[]): number =>
	countStalls({ segments: segments.map(([at, from]) => ({ at, from, bytes: 100 })) });

test("stalls: a second segment that waits for a delayed acknowledgement counts, of each side", (t) => {
	t.is(stallsOf([0, "client"], [43, "client"], [90, "server"], [131, "server"]), 2);
});

test("stalls: segments that leave together do not count", (t) => {
	t.is(stallsOf([0, "client"], [1, "client"], [2, "client"]), 0);
});

test("stalls: what a response caused does not count", (t) => {
	t.is(stallsOf([0, "client"], [40, "server"], [80, "client"]), 0);
});

test("stalls: a pause longer than any delayed acknowledgement does not count", (t) => {
	t.is(stallsOf([0, "client"], [300, "client"]), 0);
});
