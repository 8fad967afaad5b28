import test from "ava";
import { parseJson } from "dynreg/core/json";

const nest = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

test("JSON is read as ever, up to a nest of sixteen", (t) => {
	t.deepEqual(parseJson('{"a":[1,{"b":"}"}],"c":"[\\"[\\\\"}'), { a: [1, { b: "}" }], c: '["[\\' });
	t.notThrows(() => parseJson(nest(16)));
	t.notThrows(() => parseJson(`[${Array.from({ length: 100 }, () => nest(15))}]`));
});

test("a deeper nest is refused before a parser's stack could end the board", (t) => {
	t.throws(() => parseJson(nest(17)), { message: "nested too deep" });
	t.throws(() => parseJson("[".repeat(100_000)), { message: "nested too deep" });
	t.throws(() => parseJson('{"a":'.repeat(100_000)), { message: "nested too deep" });
});

test("brackets in texts do not count, escaped quotes in them included", (t) => {
	const text = `${"[".repeat(50)}\\"${"{".repeat(50)}`;
	t.deepEqual(parseJson(`["${text}"]`), [JSON.parse(`"${text}"`)]);
});

test("what is no JSON is an error", (t) => {
	for (const text of ["", "{", '"', "]]]]", "[1,]"]) t.throws(() => parseJson(text), { instanceOf: SyntaxError });
});
