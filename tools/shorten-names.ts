import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { transform } from "esbuild";

/** First line of a module whose names are short. */
const mark = "// The names of variables, functions and private members are short: XS keeps each name in flash.";

/**
 * Shortens names in compiled modules, and nothing else: XS stores each name that an image uses, 20 bytes and its text,
 * even those of local variables. Exports and properties keep theirs. A module's source map leads to its TypeScript as
 * before. Does nothing to a module whose names are short.
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
	const inline = `//# sourceMappingURL=data:application/json;base64,${given.toString("base64")}`;
	const { code, map } = await transform(source.replace(/\/\/# sourceMappingURL=.*\s*$/, inline), {
		minifyIdentifiers: true,
		banner: mark,
		format: "esm",
		target: "esnext",
		sourcemap: "external",
		sourcesContent: false,
		sourcefile: path,
		// The names of this project's tsconfig.json are not the modules'.
		tsconfigRaw: {},
	});
	await writeFile(`${path}.map`, map);
	await writeFile(path, `${code}//# sourceMappingURL=${basename(path)}.map\n`);
	return true;
}
