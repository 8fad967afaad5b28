import { budgets, type Measures } from "./budgets.js";
import { builtIns, engineBytes } from "./engine.js";
import { type Image, type ImageParts, totalBytes } from "./image.js";

/** The tables of docs/reference/size.md that come from the links for an ESP8266. */

export interface LinkedImage {
	readonly title: string;
	readonly image: Image;
	readonly debug?: boolean;
}

/** Bytes of flash from the image's place to the preferences, on a board with 4 MB. */
export const flashBytes = 1_044_480;

/** From the real links of SDK 8.2.3: bytes of main.bin that are neither `mc.xs.c` nor of the engine's measured functions. */
const fixed = { release: 554_723, debug: 592_199 };
/** What the compiler makes of `mc.xs.c` beside what is counted: tables of hosts, scripts and colours. */
const tables = 14_000;

/** Bytes of main.bin; an estimate, good to some 3 KB. */
export function mainBin({ image, debug = false }: LinkedImage): number {
	return totalBytes(image.parts) + tables + engineBytes(image.engine) + (debug ? fixed.debug : fixed.release);
}

export function measureImage(alone: LinkedImage, smallest: LinkedImage, debug: LinkedImage): Measures {
	return {
		library: totalBytes(smallest.image.parts) - totalBytes(alone.image.parts),
		engine: engineBytes(smallest.image.engine),
		above: mainBin(smallest) - mainBin(alone),
		debug: mainBin(debug),
	};
}

export function budgetTable(measures: Measures): string {
	return table(
		["measure", "bytes", "goal"],
		Object.entries(budgets).map(([name, { measure, goal }]) => [
			measure,
			bytes(measures[name as keyof Measures]),
			`≤ ${bytes(goal)}`,
		]),
	);
}

export function imageTable(alone: LinkedImage, images: readonly LinkedImage[]): string {
	const rows = [alone, ...images].map((linked) => {
		const { parts, engine } = linked.image;
		const size = mainBin(linked);
		return [
			linked.title,
			...[parts.slots, parts.bytecode, parts.strings, parts.keys, totalBytes(parts)].map(bytes),
			linked.debug ? "" : bytes(totalBytes(parts) - totalBytes(alone.image.parts)),
			bytes(engineBytes(engine)),
			bytes(size),
			bytes(flashBytes - size),
		];
	});
	const heads = ["slots", "bytecode", "strings", "keys", "`mc.xs.c`", "above the SDK", "built-ins"];
	return table(["image", ...heads, "`main.bin`", "left"], rows);
}

/** @param alone the SDK alone: its modules are not listed, unless one has grown */
export function moduleTable(alone: Image, { parts, modules }: Image): string {
	const none: ImageParts = { slots: 0, bytecode: 0, strings: 0, keys: 0 };
	const more = (name: string) => minus(modules.get(name) ?? none, alone.modules.get(name) ?? none);
	const listed = [...modules.keys()]
		.filter((name) => name !== "" && name !== names && totalBytes(more(name)) !== 0)
		.sort((one, other) => totalBytes(more(other)) - totalBytes(more(one)));
	const all = minus(parts, alone.parts);
	const ofNames = { ...more(names), keys: all.keys };
	const rest = [...listed.map(more), ofNames].reduce(minus, all);
	const row = (title: string, each: ImageParts) => [
		title,
		String(each.slots / 16),
		...[each.bytecode, each.strings, totalBytes(each)].map(bytes),
	];
	return table(
		["module", "slots", "bytecode", "strings", "bytes"],
		[
			...listed.map((name) => row(`\`${name}\``, more(name))),
			row("names (of properties, functions and modules)", ofNames),
			row("what is of no module", rest),
			row("**the library's part**", all),
		],
	);
}

export function builtInTable({ engine }: Image): string {
	const rows = builtIns(engine).map(({ name, functions, bytes: cost }) => [
		name,
		bytes(cost),
		functionNames(functions),
	]);
	return table(["built-in", "bytes", "what refers to it"], [...rows, ["**all**", bytes(engineBytes(engine)), ""]]);
}

/** Without what all of them begin with. */
function functionNames(functions: readonly string[]): string {
	return functions.map((name) => `\`${name.replace(/^fx_?/, "").replace("_prototype_", ".")}\``).join(" ");
}

const names = "names";

function minus(one: ImageParts, other: ImageParts): ImageParts {
	return {
		slots: one.slots - other.slots,
		bytecode: one.bytecode - other.bytecode,
		strings: one.strings - other.strings,
		keys: one.keys - other.keys,
	};
}

function bytes(count: number): string {
	return count.toLocaleString("en-US");
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
	return [line(heads), line(heads.map((_, at) => (at === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
