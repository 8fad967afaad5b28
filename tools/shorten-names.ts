import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type TransformOptions, transform } from "esbuild";

/** First line of a module whose names are short. */
const mark = "// The names of variables, functions and private members are short: XS keeps each name in flash.";

const options = {
	minifyIdentifiers: true,
	format: "esm",
	target: "esnext",
	// The names of this project's tsconfig.json are not the modules'.
	tsconfigRaw: {},
} as const satisfies TransformOptions;

/**
 * Shortens names in compiled modules, and nothing else: XS stores each name that an image uses, 20 bytes and its text,
 * even those of local variables. Exports and properties keep theirs, unless they are members that TypeScript calls private.
 * A module's source map leads to its TypeScript as before. Does nothing to a module whose names are short.
 *
 * @param paths modules as `tsc` writes them, each with its source map beside it
 * @returns how many of them it changed
 */
export async function shortenNames(paths: readonly string[]): Promise<number> {
	const changed = await Promise.all(paths.map(shorten));
	return changed.filter(Boolean).length;
}

async function shorten(path: string): Promise<boolean> {
	const source = await readFile(path, "utf8");
	if (source.startsWith(mark)) return false;
	const given = await readFile(`${path}.map`);
	const [typescript] = (JSON.parse(given.toString()) as { readonly sources: readonly string[] }).sources;
	const names = await privateNames(source, await readFile(join(dirname(path), typescript as string), "utf8"));
	const inline = `//# sourceMappingURL=data:application/json;base64,${given.toString("base64")}`;
	const { code, map } = await transform(source.replace(/\/\/# sourceMappingURL=.*\s*$/, inline), {
		...options,
		...(names.length > 0 && { mangleProps: new RegExp(`^(?:${names.join("|")})$`) }),
		banner: mark,
		sourcemap: "external",
		sourcesContent: false,
		sourcefile: path,
	});
	await writeFile(`${path}.map`, map);
	await writeFile(path, `${code}//# sourceMappingURL=${basename(path)}.map\n`);
	return true;
}

/**
 * The private members whose names the module uses for nothing else. esbuild renames properties by name, whatever object they
 * are of; and a name that another object needs would be in the image anyway.
 *
 * @param source JavaScript, as `tsc` writes it
 * @param typescript what it is compiled from
 */
export async function privateNames(source: string, typescript: string): Promise<string[]> {
	const members = [
		...typescript.matchAll(/^\t(private )?(?:(?:static|readonly|override|async|get|set) )*(\w+)[?!]?[(:; ]/gm),
	];
	const others = new Set(members.filter(([, isPrivate]) => !isPrivate).map(([, , name]) => name));
	const found = new Set(members.flatMap(([, isPrivate, name]) => (isPrivate && name ? [name] : [])));
	if (found.size === 0) return [];
	// Variables have short names here, so a name is one of a property, an import, an export or a part of a text.
	const { code } = await transform(source, options);
	const printed = code.replace(/^\s*(?:\/\/|\/?\*).*$/gm, "");
	return [...found].filter((name) => !others.has(name) && !isUsedOtherwise(printed, name));
}

/** @param printed JavaScript as esbuild prints it, without comments on their own lines */
function isUsedOtherwise(printed: string, name: string): boolean {
	const rest = printed
		.replace(/\{[^{}]*\} = this;/g, (pattern) => pattern.replace(new RegExp(`\\b${name}:`), ""))
		.replace(new RegExp(`\\bthis\\??\\.${name}\\b`, "g"), "")
		.replace(new RegExp(`^ {2}(?:(?:static|async|get|set) )*${name}(?=\\(| =|;)`, "gm"), "");
	return new RegExp(`\\b${name}\\b`).test(rest);
}
