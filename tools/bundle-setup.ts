import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { build, type OutputFile, type Plugin } from "esbuild";

interface Manifest {
	readonly include: readonly string[];
	readonly modules: Readonly<Record<string, string>>;
}

/** Public names of modules, and their compiled files. */
type Modules = ReadonlyMap<string, string>;

const entry = "dynreg/setup";
const manifestFile = "src/manifest_setup.json";
const pureManifestFile = "modules/setup/manifest.json";
export const setupBundle = "src/setup-bundle.js";

/**
 * Makes one module of those that set-up mode consists of, and a manifest with it. In a chip's flash each module takes slots for
 * itself, its exports and its imports, and names for these: for set-up mode, 2.5 KB in all. Node, and images that are built
 * from TypeScript, have the modules as they are.
 *
 * @param root the folder with the compiled modules and the copies of their manifests
 * @returns the bundle's size in bytes
 */
export async function bundleSetup(root: string): Promise<number> {
	const pure = await readManifest(root, pureManifestFile);
	const modules = new Map([...pure.modules, ...(await readManifest(root, manifestFile)).modules]);
	const { outputFiles } = await build({
		entryPoints: [modules.get(entry) as string],
		bundle: true,
		write: false,
		outfile: join(root, setupBundle),
		format: "esm",
		target: "esnext",
		platform: "neutral",
		minifyIdentifiers: true,
		mangleProps: new RegExp(`^(?:${(await ownProperties(root, modules)).join("|")})$`),
		sourcemap: "linked",
		sourcesContent: false,
		tsconfigRaw: {},
		plugins: [together(root, modules, await importedNames(root, modules))],
	});
	// esbuild declares what modules share as `var`, which XS cannot keep in flash.
	const [map, code] = outputFiles as [OutputFile, OutputFile];
	// Imports are of no file, and xsc misses it.
	await writeFile(map.path, map.text.replace(/"elsewhere:[^"]*"/g, '"../../src/setup.ts"'));
	// esbuild declares what modules share as `var`, which XS cannot keep in flash.
	await writeFile(code.path, code.text.replace(/^var /gm, "const "));
	const manifest = {
		include: pure.include.map((path) => relative(dirname(join(root, manifestFile)), path)),
		modules: { [entry]: `./${basename(setupBundle, ".js")}` },
		preload: [entry],
	};
	await writeFile(join(root, manifestFile), `${JSON.stringify(manifest, undefined, "\t")}\n`);
	return code.contents.length;
}

/** With whole paths. */
async function readManifest(root: string, file: string): Promise<{ include: readonly string[]; modules: Modules }> {
	const { include, modules } = JSON.parse(await readFile(join(root, file), "utf8")) as Manifest;
	const folder = dirname(join(root, file));
	return {
		include: include.map((path) => join(folder, path)),
		modules: new Map(Object.entries(modules).map(([name, path]) => [name, join(folder, `${path}.js`)])),
	};
}

/** What these modules import, by modules. */
async function importedNames(root: string, modules: Modules): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
	const names = new Map<string, Set<string>>();
	for (const file of modules.values())
		for (const [, clause = "", from = ""] of (await readFile(file, "utf8")).matchAll(
			/^import \{([^}]*)\} from "([^"]+)"/gm,
		)) {
			const module = publicName(root, from, file);
			const found = names.get(module) ?? new Set();
			names.set(module, found);
			for (const each of clause.split(",")) found.add(each.trim().split(" ")[0] as string);
		}
	return names;
}

/** Names of properties that only these modules know: their interfaces have them, and neither a contract nor JavaScript does. */
async function ownProperties(root: string, modules: Modules): Promise<string[]> {
	const source = async (path: string) =>
		(await readFile(join(project, relative(root, path).replace(/(\.d)?\.\w+$/, ".ts")), "utf8")).replace(
			/\/\*.*?\*\/|\/\/.*/gs,
			"",
		);
	const contracts = join(root, "modules/contracts");
	const files = (await readdir(contracts)).filter((file) => file.endsWith(".d.ts"));
	const known = (await Promise.all(files.map((file) => source(join(contracts, file))))).join("");
	const names = new Set<string>();
	for (const path of modules.values())
		for (const [, name = ""] of (await source(path)).matchAll(/\breadonly (\w+)\??:/g)) names.add(name);
	const isBuiltIn = (name: string) =>
		[Array, Function, Object, Promise, String, Uint8Array].some((each) => name in each || name in each.prototype);
	return [...names].filter((name) => !new RegExp(`\\b${name}\\b`).test(known) && !isBuiltIn(name));
}

/** Leaves imports from elsewhere as they are, but imports each name only once: each import takes slots. */
function together(root: string, modules: Modules, imported: Awaited<ReturnType<typeof importedNames>>): Plugin {
	return {
		name: "together",
		setup({ onResolve, onLoad }) {
			onResolve({ filter: /.*/ }, ({ path, importer, kind, namespace }) => {
				if (kind === "entry-point") return undefined;
				if (namespace === "elsewhere") return { path, external: true };
				const name = publicName(root, path, importer);
				const file = modules.get(name);
				return file === undefined ? { path: name, namespace: "elsewhere" } : { path: file };
			});
			onLoad({ filter: /.*/, namespace: "elsewhere" }, ({ path }) => ({
				contents: `export { ${[...(imported.get(path) ?? [])].join(", ")} } from "${path}";`,
			}));
		},
	};
}

/** "dynreg/core/bytes" of "../core/bytes.js". */
function publicName(root: string, from: string, importer: string): string {
	if (!from.startsWith(".")) return from;
	const path = relative(root, join(dirname(importer), from));
	return path.replace(/^(modules|src)\//, "dynreg/").replace(/\.js$/, "");
}
