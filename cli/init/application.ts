import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultConfigurationFile } from "../configuration/default-file.js";
import { isInstalled, isWithin, library } from "../state/folders.js";
import type { NewFile } from "./files.js";

const example = join(library, "examples", "lamp");
const command = dirname(fileURLToPath(import.meta.resolve("@dynreg/cli/package.json")));

/**
 * A small application that uses the library, and what it takes to build it: the lamp of `examples/`.
 *
 * @param folder it is for; it exists
 */
export function application(folder: string): NewFile[] {
	const here = realpathSync(folder);
	const name = basename(here);
	const files = [
		{ name: "main.ts", text: readFileSync(join(example, "main.ts"), "utf8") },
		{ name: "manifest.json", text: json(manifest(here)) },
		{ name: "tsconfig.json", text: json(editor(here)) },
		{ name: "README.md", text: readme(name) },
	];
	// In a clone, npx finds dynreg as it is; and a package of one's own is one's own business.
	if (isWithin(library, here) || existsSync(join(here, "package.json"))) return files;
	return [...files, { name: "package.json", text: json(packageOf(name, packages(here))) }];
}

/** For `npm install --save-dev`: what the application is developed with, and its own package.json lacks. */
export function missingPackages(folder: string): string[] {
	const here = realpathSync(folder);
	const own = join(here, "package.json");
	if (isWithin(library, here) || !existsSync(own)) return [];
	const { dependencies, devDependencies } = JSON.parse(readFileSync(own, "utf8")) as Record<string, object | undefined>;
	const has = { ...dependencies, ...devDependencies };
	return Object.entries(packages(here))
		.filter(([name]) => !(name in has))
		.map(([name, version]) => (version.startsWith("file:") ? version.slice("file:".length) : `${name}@${version}`));
}

/** The lamp's, with the path to the library. From npm it is JavaScript, which needs no compiling with the application. */
function manifest(here: string) {
	const { include, ...rest } = JSON.parse(readFileSync(join(example, "manifest.json"), "utf8")) as { include: string };
	const file = basename(include);
	return {
		include: isInstalled(library)
			? `${installed(here, "dynreg")}/build/${file}`
			: `${path(relative(here, library))}/${file}`,
		...rest,
	};
}

/** For editors and `tsc`: the SDK's tools make their own. */
function editor(here: string) {
	const typings = isInstalled(library)
		? installed(here, "@moddable/typings")
		: path(relative(here, join(library, "node_modules", "@moddable", "typings")));
	return {
		compilerOptions: {
			// As the SDK does, whatever "type" the folder's package.json has.
			target: "es2023",
			lib: ["es2023"],
			module: "esnext",
			moduleResolution: "bundler",
			strict: true,
			noEmit: true,
			skipLibCheck: true,
			types: [],
			paths: { "*": [`${typings}/*.d.ts`] },
		},
		files: ["main.ts", `${typings}/xs.d.ts`],
	};
}

/** Where npm has put a package, or will. */
function installed(here: string, name: string): string {
	for (let folder = here; folder !== dirname(folder); folder = dirname(folder)) {
		const found = join(folder, "node_modules", name);
		if (existsSync(found)) return `${folder === here ? "./" : ""}${path(relative(here, found))}`;
	}
	return `./node_modules/${name}`;
}

/** What the application is developed with, by name: a version, or a link to the clone that runs this. */
function packages(here: string): Readonly<Record<string, string>> {
	const { version, devDependencies } = readPackage(library);
	const { "@moddable/typings": typings = "", typescript = "" } = devDependencies;
	if (isInstalled(library))
		return { "@dynreg/cli": readPackage(command).version, "@moddable/typings": typings, dynreg: version, typescript };
	const link = (folder: string) => `file:${path(relative(here, folder))}`;
	return { "@dynreg/cli": link(command), dynreg: link(library) };
}

function readPackage(folder: string): { version: string; devDependencies: Record<string, string> } {
	return { devDependencies: {}, ...JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) };
}

/** So that `npx dynreg` works in the folder after `npm install`. */
function packageOf(name: string, wanted: Readonly<Record<string, string>>) {
	const links = Object.values(wanted).filter((version) => version.startsWith("file:"));
	return {
		name: name.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-"),
		private: true,
		type: "module",
		devDependencies: wanted,
		allowScripts:
			links.length > 0
				? // A clone is linked as it is, built already. npm names links by where they are seen from in node_modules.
					Object.fromEntries(links.map((link) => [link.replace("file:", "file:../"), false]))
				: { "@agoric/xsnap": true, esbuild: true },
	};
}

function readme(name: string): string {
	return `# ${name}

A lamp that the cloud switches: \`main.ts\`. Registering, storing the secret and reconnecting are dynreg's business.
The boards' configuration is \`${defaultConfigurationFile}\`; the product's secret lies in \`.dynreg/\`, which git ignores.

\`\`\`sh
npm install                                    # once
npx dynreg doctor --config ${defaultConfigurationFile}          # what is missing, and how to get it
npx dynreg sim                                 # build it for the simulator and run it there
\`\`\`
`;
}

function json(value: unknown): string {
	return `${JSON.stringify(value, undefined, "\t")}\n`;
}

/** As manifests have it, on every system. */
function path(text: string): string {
	return text.split(sep).join("/");
}
