import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultBuildFolder, project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { budgets, withinBudget } from "@dynreg/tools/size/budgets";
import { builtIns, engineBytes, readEngine } from "@dynreg/tools/size/engine";
import { readImage, totalBytes } from "@dynreg/tools/size/image";
import { imageTable, mainBin, moduleTable } from "@dynreg/tools/size/report";
import test from "ava";

/** As xsl writes it: the engine's Object.prototype, the modules `plain` and `kept`, a function of each. */
const source = `#define mxHeapCount 18
static const txSlot gxHeap[mxHeapCount];
#define mxStackCount 2
static const txSlot gxStack[mxStackCount];
#define mxKeysCount 3
static const txSlot* const gxKeys[mxKeysCount];
static const txU1 gxCode1[20];
#define mxScriptsCount 2
static const xsHostBuilder gxBuilders[2] = {
	{ fxDeadStrip, 1, xsID_isFinite },
	{ fx_isNaN, 1, xsID_isNaN },
};

static const txScript gxScripts[mxScriptsCount] = {
	{ NULL, NULL, 0, NULL, 0, NULL, 0, "plain", { XS_MAJOR_VERSION, XS_MINOR_VERSION, XS_PATCH_VERSION, 0 } },
	{ NULL, NULL, 0, (txS1*)gxCode1, 20, NULL, 0, "a/kept", { XS_MAJOR_VERSION, XS_MINOR_VERSION, XS_PATCH_VERSION, 0 } }
};

static const txSlot gxHeap[mxHeapCount] = {
/* 0000 */	{ NULL, {.ID = XS_NO_ID, .flag = XS_NO_FLAG, .kind = XS_REFERENCE_KIND}, .value = { .reference = (txSlot*)&gxHeap[18] } },
/* 0001 */	{ (txSlot*)&gxHeap[2], {.ID = XS_NO_ID, .flag = 0xd0, .kind = XS_INSTANCE_KIND}, .value = { .instance = { NULL, NULL } } },
/* 0002 */	{ (txSlot*)&gxHeap[3], {.ID = xsID_plain, .flag = 0x8a, .kind = XS_REFERENCE_KIND}, .value = { .reference = (txSlot*)&gxHeap[5] } },
/* 0003 */	{ NULL, {.ID = 40 /* a/kept */, .flag = 0x8a, .kind = XS_REFERENCE_KIND}, .value = { .reference = (txSlot*)&gxHeap[6] } },
/* 0004 */	{ NULL, {.ID = XS_NO_ID, .flag = 0xd0, .kind = XS_INSTANCE_KIND}, .value = { .instance = { NULL, NULL } } },
/* 0005 */	{ (txSlot*)&gxHeap[14], {.ID = XS_NO_ID, .flag = 0xd1, .kind = XS_INSTANCE_KIND}, .value = { .instance = { NULL, NULL } } },
/* 0006 */	{ (txSlot*)&gxHeap[15], {.ID = XS_NO_ID, .flag = 0xd1, .kind = XS_INSTANCE_KIND}, .value = { .instance = { NULL, NULL } } },
/* 0007 */	{ (txSlot*)&gxHeap[8], {.ID = XS_NO_ID, .flag = 0xd2, .kind = XS_INSTANCE_KIND}, .value = { .instance = { NULL, (txSlot*)&gxHeap[4] } } },
/* 0008 */	{ (txSlot*)&gxHeap[9], {.ID = 41, .flag = 0xab, .kind = XS_CODE_X_KIND}, .value = { .code = { (txByte*)"\\x0d\\x00\\"a", NULL } } },
/* 0009 */	{ (txSlot*)&gxHeap[13], {.ID = 0, .flag = 0x8b, .kind = XS_HOME_KIND}, .value = { .home = { NULL, (txSlot*)&gxHeap[5] } }},
/* 0010 */	{ (txSlot*)&gxHeap[11], {.ID = XS_NO_ID, .flag = 0xd2, .kind = XS_INSTANCE_KIND}, .value = { .instance = { NULL, (txSlot*)&gxHeap[4] } } },
/* 0011 */	{ NULL, {.ID = 0, .flag = 0x8b, .kind = XS_HOME_KIND}, .value = { .home = { NULL, (txSlot*)&gxHeap[6] } }},
/* 0012 */	{ NULL, {.ID = 41, .flag = 0x87, .kind = XS_KEY_X_KIND}, .value = { .key = { "name", 0x1b7cb } }},
/* 0013 */	{ NULL, {.ID = 7, .flag = 0x8a, .kind = XS_STRING_X_KIND}, .value = { .string = "text" } },
/* 0014 */	{ NULL, {.ID = 6, .flag = 0x81, .kind = XS_MODULE_KIND}, .value = { .module = { NULL, 39 } }},
/* 0015 */	{ NULL, {.ID = 6, .flag = 0x81, .kind = XS_MODULE_KIND}, .value = { .module = { NULL, 40 } }},
/* 0016 */	{ NULL, {.ID = 39, .flag = 0x87, .kind = XS_KEY_X_KIND}, .value = { .key = { "plain", 0x1b7cb } }},
/* 0017 */	{ NULL, {.ID = 40, .flag = 0x87, .kind = XS_KEY_X_KIND}, .value = { .key = { "a/kept", 0x1b7cc } }}
};

static const txSlot gxStack[mxStackCount] = {
	{ NULL, {.ID = XS_NO_ID, .flag = 0x0, .kind = XS_REFERENCE_KIND}, .value = { .reference = (txSlot*)&gxHeap[1] } },
	{ NULL, {.ID = XS_NO_ID, .flag = 0x0, .kind = XS_REFERENCE_KIND}, .value = { .reference = (txSlot*)&gxHeap[4] } }
};
`;

const engine = readEngine(`of what
how
fxShared 100
fx_Map 40 0 3
fx_Set 50 0
fxTable 7 1
fx_RegExp 1000
`);

test("an image's parts are slots, bytecode, strings and keys", (t) => {
	const { parts, engine: functions } = readImage(source);
	t.deepEqual(parts, {
		slots: 20 * 16,
		// The array of 20, and a literal of four bytes with its final 0.
		bytecode: 20 + 5,
		strings: 2 * ("plain".length + "a/kept".length) + "name".length + "text".length + 6,
		keys: 12,
	});
	t.is(totalBytes(parts), 320 + 25 + 36 + 12);
	t.deepEqual(functions, ["fxDeadStrip", "fx_isNaN"]);
});

test("a slot counts for the module of its function", (t) => {
	const { modules } = readImage(source);
	t.deepEqual(modules.get("plain"), { slots: 6 * 16, bytecode: 5, strings: 5, keys: 0 });
	t.deepEqual(modules.get("a/kept"), { slots: 4 * 16, bytecode: 20, strings: 0, keys: 0 });
	t.deepEqual(modules.get("names"), { slots: 3 * 16, bytecode: 0, strings: 18, keys: 0 });
	t.deepEqual(modules.get(""), { slots: 5 * 16, bytecode: 0, strings: 0, keys: 0 });
});

test("what is no such file is refused", (t) => {
	t.throws(() => readImage("int main() {}"), { message: /was not written by xsl/ });
	t.throws(() => readImage(source.replace("mxHeapCount 18", "mxHeapCount 19")), {
		message: /Only 18 of 19 slots were read/,
	});
});

test("shared engine functions count once; a built-in costs what only it needs", (t) => {
	t.is(engineBytes(["fx_Map"], engine), 147);
	t.is(engineBytes(["fx_Map", "fx_Set"], engine), 197);
	t.is(engineBytes(["fx_unknown"], engine), 0);
	t.deepEqual(builtIns(["fx_Map", "fx_RegExp", "fx_Set", "fx_unknown"], engine), [
		{ name: "RegExp", functions: ["fx_RegExp"], bytes: 1000 },
		{ name: "Map and Set", functions: ["fx_Map", "fx_Set"], bytes: 197 },
	]);
});

test("the tables hold an image against the SDK alone", (t) => {
	const alone = { title: "alone", image: readImage(source) };
	const { parts, modules, engine: functions } = alone.image;
	const image = {
		parts: { ...parts, slots: parts.slots + 32, keys: parts.keys + 4 },
		modules: new Map([...modules, ["plain", { slots: 8 * 16, bytecode: 5, strings: 5, keys: 0 }]]),
		engine: functions,
	};
	t.regex(imageTable(alone, [{ title: "more", image }]), /^\| more \| 352 \| 25 \| 36 \| 16 \| 429 \| 36 \|/m);
	t.is(
		moduleTable(alone.image, image),
		[
			"| module | slots | bytecode | strings | bytes |",
			"| --- | ---: | ---: | ---: | ---: |",
			"| `plain` | 2 | 0 | 0 | 32 |",
			"| names (of properties, functions and modules) | 0 | 0 | 0 | 4 |",
			"| what is of no module | 0 | 0 | 0 | 0 |",
			"| **the library's part** | 2 | 0 | 0 | 36 |",
		].join("\n"),
	);
});

test("a budget that is passed is named, with both numbers", (t) => {
	const { library, engine, above, debug } = budgets;
	const measures = { library: library.goal, engine: engine.goal, above: above.goal, debug: debug.goal };
	t.deepEqual(withinBudget(measures), []);
	const [sentence, ...others] = withinBudget({ ...measures, engine: 123_456_789 });
	t.deepEqual(others, []);
	t.regex(sentence ?? "", /^the engine's built-ins .*: 123456789 bytes, the budget is \d+ \(/);
});

const linked = join(defaultBuildFolder, "tmp", "esp", "release", "sdk-alone", "mc.xs.c");

(existsSync(linked) ? test : test.skip)(
	"the SDK alone, as npm run link has left it: each slot belongs to a module",
	(t) => {
		const image = readImage(readFileSync(linked, "latin1"));
		t.is(
			[...image.modules.values()].reduce((sum, { slots }) => sum + slots, 0),
			image.parts.slots - 163 * 16,
		);
		t.true(image.modules.has("ssl/handshake"));
		// All that it refers to is what costs nothing more.
		t.is(engineBytes(image.engine), 0);
		const size = mainBin({ title: "", image });
		t.true(Math.abs(size - 749_732) < 4000, `${size} bytes are estimated, a real link had 749,732`);
		t.true(existsSync(join(project, "tools", "size", "engine.txt")));
	},
);
