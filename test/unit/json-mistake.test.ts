import test from "ava";
import { findJsonMistake } from "dynreg/configuration/json-mistake";
import fc from "fast-check";
import { checkProperty } from "../fuzz/properties.js";

const valid = [
	"1",
	"-0.5e+3",
	'"a\\u0041\\n"',
	"[]",
	"{}",
	'[1,{"a":[null,true,false]}]',
	' {"a" : "b"} ',
	'"\\\\\\""',
];
const invalid = [
	...["", " ", "01", "1.", ".5", "+1", "nul", "truex", "[", "[1", "[1,", "[1,]", "[,1]", "{", '{"a"', '{"a":'],
	...['{"a":1', '{"a":1,', '{"a":1,}', "{1:2}", "{a:1}", "[1 2]", '"a', '"\\x"', '"\t"', '"\\', "[}", "{]", "[1}"],
	...['{"a":1]', "1 2", "]", "}", ",", ":", "NaN", "'a'", "\u00a01", '"\\u12g4"', '["a" "b"]', '{"a" 1}', '{"a":,}'],
];

test("the place of a mistake is found exactly where JSON.parse finds one", (t) => {
	for (const text of valid) t.is(findJsonMistake(text), undefined, text);
	for (const text of invalid) {
		t.throws(() => JSON.parse(text), undefined, text);
		t.not(findJsonMistake(text), undefined, text);
	}
	t.like(findJsonMistake("[1,\n 2 3]"), { line: 2, column: 4 });
});

test("whatever the text, there is a mistake if and only if JSON.parse finds one, or a key is twice in an object", (t) =>
	checkProperty(
		t,
		fc.oneof(
			fc.json({ maxDepth: 5 }),
			fc.json({ maxDepth: 3 }).chain((text) => fc.nat(text.length).map((at) => text.slice(0, at) + text.slice(at + 1))),
			fc.string({ unit: fc.constantFrom(...'{}[],:"\\ \n0.1e-+tnfu/#ab'.split("")), maxLength: 12 }),
		),
		(text) => {
			const mistake = findJsonMistake(text);
			const isOfRules = mistake?.problem.startsWith("has ") || mistake?.problem.startsWith("is nested");
			let parsed = true;
			try {
				JSON.parse(text);
			} catch {
				parsed = false;
			}
			if (!isOfRules && parsed !== (mistake === undefined)) throw new Error(`${text}: ${mistake?.problem}`);
		},
		{ runs: 3000 },
	));

for (const [text, problem, advice] of [
	['{"a": 1,}', "is not JSON from line 1, column 9 on", "Remove the comma before the }."],
	["[1,\n]", "is not JSON from line 2, column 1 on", "Remove the comma before the ]."],
	[
		'{\n\t// a comment\n\t"a": 1 }',
		"is not JSON from line 2, column 2 on",
		"JSON has no comments: remove the comment.",
	],
	['{"a": 1 /* one */}', "is not JSON from line 1, column 9 on", "JSON has no comments: remove the comment."],
	['# a\n{"a": 1}', "is not JSON from line 1, column 1 on", "JSON has no comments: remove the comment."],
	["{'a': 1}", "is not JSON from line 1, column 2 on", 'Use double quotes: ".'],
	["{“a”: 1}", "is not JSON from line 1, column 2 on", 'Use double quotes: ".'],
	["{a: 1}", "is not JSON from line 1, column 2 on", "Put the key between double quotes."],
	['{"a" 1}', "is not JSON from line 1, column 6 on", "Put a colon between the key and its value."],
	['{"a": b}', "is not JSON from line 1, column 7 on", "Put a text between double quotes."],
	['{"a": :}', "is not JSON from line 1, column 7 on", "Correct the syntax."],
	['{"a": 1\n"b": 2}', "is not JSON from line 2, column 1 on", "Put a comma before it."],
	['{"a": 1; "b": 2}', "is not JSON from line 1, column 8 on", "Correct the syntax."],
	[
		'{"a": "x\ny"}',
		"is not JSON from line 1, column 7 on",
		"The text that begins there is not closed in its line, or has a wrong \\.",
	],
	["{} {}", "is not JSON from line 1, column 4 on", "Remove what follows the value."],
	['{"a": [1', "is not JSON from line 1, column 9 on", "The closing ] is missing."],
	["  ", "is not JSON from line 1, column 3 on", "The file is empty."],
	['{"a": 1,\n"b": {"a": 2},\n"\\u0061": 3}', "has the same key twice, at line 3, column 1", "Remove one of them."],
	[
		'{"x": {"__proto__": {}}}',
		"has the key __proto__, which has a meaning in JavaScript, at line 1, column 8",
		"Remove the key.",
	],
	["[".repeat(20_000), "is nested more than 64 levels deep at line 1, column 65", "Remove the inner brackets."],
] as const)
	test(`${text.slice(0, 30)}: ${advice}`, (t) => t.like(findJsonMistake(text), { problem, advice }));

test("64 levels are not too deep", (t) => {
	t.is(findJsonMistake("[".repeat(64) + "]".repeat(64)), undefined);
	t.regex(findJsonMistake("[".repeat(65) + "]".repeat(65))?.problem ?? "", /^is nested/);
});
