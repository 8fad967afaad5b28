/**
 * What an image's `mc.xs.c` holds. `xsl` writes all that a chip keeps of JavaScript into this one file: the slots of
 * the preloaded modules, their bytecode, strings and keys; and which of the engine's functions they may call.
 */

/** Bytes by kind. */
export interface ImageParts {
	/** 16 bytes each on a chip. */
	readonly slots: number;
	readonly bytecode: number;
	/** String literals, each with its final 0. */
	readonly strings: number;
	/** 4 bytes a name, beside its slot and its string. */
	readonly keys: number;
}

export interface Image {
	readonly parts: ImageParts;
	/** The parts of each module; `""` has what is the engine's own or shared by several. */
	readonly modules: ReadonlyMap<string, ImageParts>;
	/** The engine's functions that the file refers to (`fx…`). */
	readonly engine: readonly string[];
}

interface Slot {
	readonly next: number | undefined;
	/** Slots that the value refers to. */
	readonly refers: readonly number[];
	readonly kind: string;
	/** Key of a module's name. */
	readonly module: string | undefined;
	readonly bytecode: number;
	readonly strings: number;
}

const slotBytes = 16;
const keyBytes = 4;

export function totalBytes({ slots, bytecode, strings, keys }: ImageParts): number {
	return slots + bytecode + strings + keys;
}

/**
 * @param source the text of `mc.xs.c`
 * @throws Error unless it is such a file
 */
export function readImage(source: string): Image {
	const slots = readSlots(source);
	const stack = defined(source, "mxStackCount");
	const keys = defined(source, "mxKeysCount") * keyBytes;
	const arrays = [...source.matchAll(/^static const txU1 gxCode\d+\[(\d+)\];/gm)];
	const code = arrays.reduce((sum, [, size]) => sum + Number(size), 0);
	const data = literals(source.slice(beginning(source, "gxScripts")));
	return {
		parts: {
			slots: (slots.length + stack) * slotBytes,
			bytecode: code + data.bytecode,
			strings: data.strings,
			keys,
		},
		modules: byModule(source, slots),
		engine: [...new Set(source.match(/\bfx\w+/g))].sort(),
	};
}

/** Where the definition of an array begins. */
function beginning(source: string, name: string): number {
	const found = new RegExp(`^(static )?const \\w+ \\**(const )?${name}\\[\\w+\\][^;\\n]*= \\{`, "m").exec(source);
	if (found === null) throw new Error(`The file was not written by xsl: ${name} is missing.`);
	return found.index + found[0].length;
}

function defined(source: string, name: string): number {
	const value = new RegExp(`^#define ${name} (\\d+)$`, "m").exec(source)?.[1];
	if (value === undefined) throw new Error(`The file was not written by xsl: ${name} is missing.`);
	return Number(value);
}

/** Bytes of the literals in a piece of C. Bytecode of a preloaded function is written as one, too. */
function literals(text: string): { bytecode: number; strings: number } {
	let bytecode = 0;
	let strings = 0;
	for (const [, code, literal = ""] of text.matchAll(/(\(txByte\*\))?"((?:[^"\\\n]|\\.)*)"/g)) {
		const size = literal.replace(/\\(?:[0-7]{1,3}|x[0-9a-fA-F]{2}|.)/g, "-").length + 1;
		if (code === undefined) strings += size;
		else bytecode += size;
	}
	return { bytecode, strings };
}

function readSlots(source: string): Slot[] {
	const from = beginning(source, "gxHeap");
	const lines = source.slice(from, source.indexOf("\n};", from)).split("\n");
	const slots: Slot[] = [];
	for (const line of lines) {
		const found = /^\/\* \d+ \*\/\s*\{ (NULL|\(txSlot\*\)(?:&gxHeap\[(\d+)\]|-?\d+)), (.*)$/.exec(line);
		if (found === null) continue;
		const [, , next, rest = ""] = found;
		const value = rest.slice(rest.indexOf(".value"));
		slots.push({
			next: next === undefined ? undefined : Number(next),
			refers: [...value.matchAll(/&gxHeap\[(\d+)\]/g)].map(([, index]) => Number(index)),
			kind: /\.kind = (\w+)/.exec(rest)?.[1] ?? "",
			module: /\.module = \{ \S+, (\d+) \}/.exec(value)?.[1],
			...literals(value),
		});
	}
	const count = defined(source, "mxHeapCount");
	if (slots.length !== count) throw new Error(`Only ${slots.length} of ${count} slots were read.`);
	return slots;
}

/** Bytes of the arrays of bytecode by module: what is not preloaded keeps all of its own in one. */
function readScripts(source: string): [name: string, bytecode: number][] {
	const from = beginning(source, "gxScripts");
	const rows = source.slice(from, source.indexOf("\n};", from));
	return [...rows.matchAll(/gxCode\d+, (\d+), NULL, 0, "([^"]+)"/g)].map(([, size, name = ""]) => [name, Number(size)]);
}

function byModule(source: string, slots: readonly Slot[]): Map<string, ImageParts> {
	const modules = new Map<string, ImageParts>();
	const add = (name: string, slots: number, bytecode: number, strings: number) => {
		const before = modules.get(name) ?? { slots: 0, bytecode: 0, strings: 0, keys: 0 };
		modules.set(name, {
			slots: before.slots + slots,
			bytecode: before.bytecode + bytecode,
			strings: before.strings + strings,
			keys: 0,
		});
	};
	const owner = attribute(source, slots);
	for (const [index, { kind, bytecode, strings }] of slots.entries())
		add(kind === "XS_KEY_X_KIND" ? "names" : (owner[index] ?? ""), slotBytes, bytecode, strings);
	for (const [name, bytecode] of readScripts(source)) add(name, 0, bytecode, 0);
	return modules;
}

/** The slots of the instances of modules, with the modules' names. */
function moduleInstances(source: string, slots: readonly Slot[]): Map<number, string> {
	const keys = new Map(
		[...source.matchAll(/\{\.ID = (\d+)[^}]*\}, \.value = \{ \.key = \{ "([^"]*)"/g)].map(([, id, name]) => [id, name]),
	);
	const found = new Map<number, string>();
	for (const [index, { kind, next }] of slots.entries()) {
		const module = kind === "XS_INSTANCE_KIND" && next !== undefined ? slots[next]?.module : undefined;
		const name = module === undefined ? undefined : keys.get(module);
		if (name !== undefined) found.set(index, name);
	}
	return found;
}

/** What the engine's own stack refers to. */
function stackRoots(source: string): number[] {
	const from = beginning(source, "gxStack");
	const rows = source.slice(from, source.indexOf("\n};", from));
	return [...rows.matchAll(/&gxHeap\[(\d+)\]/g)].map(([, index]) => Number(index));
}

/** Slots from this one on, along `next`. */
function chain(slots: readonly Slot[], from: number): number[] {
	const found: number[] = [];
	for (let at: number | undefined = from; at !== undefined && slots[at]; at = slots[at]?.next) found.push(at);
	return found;
}

/**
 * Which module a slot belongs to. A function knows its module (its home), an export the one it comes from; what hangs
 * on these goes with them. What the engine reaches by itself is nobody's.
 */
function attribute(source: string, slots: readonly Slot[]): (string | undefined)[] {
	const instances = moduleInstances(source, slots);
	const owner: (string | undefined)[] = [];
	const claimed = (index: number) => owner[index] !== undefined || slots[index] === undefined;
	const spread = (queue: number[]) => {
		for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
			const { next, refers } = slots[index] as Slot;
			for (const at of next === undefined ? refers : [next, ...refers])
				if (!claimed(at)) {
					owner[at] = owner[index];
					queue.push(at);
				}
		}
	};
	const queue: number[] = [];
	const claim = (index: number, name: string) => {
		if (claimed(index)) return;
		owner[index] = name;
		queue.push(index);
	};
	for (const [index, name] of instances) claim(index, name);
	for (const [index, { kind }] of slots.entries()) {
		if (kind !== "XS_INSTANCE_KIND") continue;
		const home = chain(slots, index).find((at) => slots[at]?.kind === "XS_HOME_KIND");
		const module = home === undefined ? [] : (slots[home]?.refers ?? []);
		for (const at of module) if (instances.has(at)) claim(index, instances.get(at) as string);
	}
	for (const slot of slots) {
		const [closure, module] = slot.kind === "XS_EXPORT_KIND" ? slot.refers : [];
		const name = instances.get(module ?? -1);
		if (closure !== undefined && name !== undefined) claim(closure, name);
	}
	const found = [...queue];
	// The engine's first: a module's functions refer to its prototypes.
	for (const index of stackRoots(source)) claim(index, "");
	spread(queue.filter((index) => owner[index] === ""));
	spread(found);
	return owner;
}
