import { filterMatches } from "@dynreg/cloud/internal/mqtt/topic-filter";
import test from "ava";

const cases: readonly [filter: string, topic: string, matches: boolean][] = [
	["a/b", "a/b", true],
	["a/b", "a/c", false],
	["a/b", "a/b/c", false],
	["a/b/c", "a/b", false],
	["a/+", "a/b", true],
	["a/+", "a/", true],
	["a/+", "a", false],
	["a/+", "a/b/c", false],
	["a/+/c", "a/b/c", true],
	["+/b", "a/b", true],
	["a/#", "a/b", true],
	["a/#", "a/b/c", true],
	["a/#", "a", true],
	["a/#", "ab/c", false],
	["a/+/#", "a/b", true],
	["a/+/#", "a", false],
	["/a/#", "/a/b", true],
	["/a", "a", false],
];
for (const [filter, topic, expected] of cases)
	test(`${filter} ${expected ? "covers" : "does not cover"} ${topic}`, (t) => {
		t.is(filterMatches(filter, topic), expected);
	});
