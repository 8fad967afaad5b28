import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { InvalidJson, parseJsonText } from "@dynreg/node/internal/json-text";
import { defaultConfigurationFile } from "../configuration/default-file.js";
import { isInstalled, isWithin, libraryFolder } from "../state/folders.js";
import type { NewFile } from "./write-files.js";

const example = join(libraryFolder, "examples", "lamp");
const command = dirname(fileURLToPath(import.meta.resolve("@dynreg/cli/package.json")));

/**
 * A small application that uses the library, and what it takes to build it: the lamp of `examples/`.
 *
 * @param folder it is for; it exists
 */
export function applicationFiles(folder: string): NewFile[] {
	const here = realpathSync(folder);
	const name = basename(here);
	const files = [
		{ name: "main.ts", text: readFileSync(join(example, "main.ts"), "utf8") },
		{ name: "manifest.json", text: json(manifest(here)) },
		{ name: "tsconfig.json", text: json(editorConfiguration(here)) },
		{ name: "README.md", text: readme(name) },
	];
	// In a clone, npx finds dynreg as it is; and a package of one's own is one's own business.
	if (isWithin(libraryFolder, here) || existsSync(join(here, "package.json"))) return files;
	return [...files, { name: "package.json", text: json(packageOf(name, packages(here))) }];
}

/** For `npm install --save-dev`: what the application is developed with, and its own package.json lacks. */
export function missingPackages(folder: string): string[] {
	const here = realpathSync(folder);
	const own = join(here, "package.json");
	if (isWithin(libraryFolder, here) || !existsSync(own)) return [];
	const has = dependenciesIn(own);
	return Object.entries(packages(here))
		.filter(([name]) => !(name in has))
		.map(([name, version]) => (version.startsWith("file:") ? version.slice("file:".length) : `${name}@${version}`));
}

/** None of a package.json that npm cannot read either, and says so. */
function dependenciesIn(file: string): object {
	try {
		const content = Object(parseJsonText(readFileSync(file, "utf8"))) as Record<string, object | undefined>;
		return { ...content.dependencies, ...content.devDependencies };
	} catch (error) {
		if (error instanceof InvalidJson) return {};
		throw error;
	}
}

/** The lamp's, with the path to the library. From npm it is JavaScript, which needs no compiling with the application. */
function manifest(here: string) {
	const { include, ...rest } = JSON.parse(readFileSync(join(example, "manifest.json"), "utf8")) as { include: string };
	const library = isInstalled(libraryFolder)
		? `${installedPath(here, "dynreg")}/build`
		: path(relative(here, libraryFolder));
	return {
		include: `${library}/${basename(include)}`,
		...rest,
		// For `storage: "flash-log"`, which may be chosen later, as in dynreg's own application.
		platforms: { esp: { include: `${library}/${flashLogManifest}` } },
	};
}

const flashLogManifest = "hosts/moddable/platforms/esp8266/manifest_flash_log.json";

/** For editors and `tsc`: the SDK's tools make their own. */
function editorConfiguration(here: string) {
	const typings = isInstalled(libraryFolder)
		? installedPath(here, "@moddable/typings")
		: path(relative(here, join(libraryFolder, "node_modules", "@moddable", "typings")));
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
function installedPath(here: string, name: string): string {
	for (let folder = here; folder !== dirname(folder); folder = dirname(folder)) {
		const found = join(folder, "node_modules", name);
		if (existsSync(found)) return `${folder === here ? "./" : ""}${path(relative(here, found))}`;
	}
	return `./node_modules/${name}`;
}

/** What the application is developed with, by name: a version, or a link to the clone that runs this. */
function packages(here: string): Readonly<Record<string, string>> {
	const { version, devDependencies } = readPackage(libraryFolder);
	const { "@moddable/typings": typings = "", typescript = "" } = devDependencies;
	if (isInstalled(libraryFolder))
		return { "@dynreg/cli": readPackage(command).version, "@moddable/typings": typings, dynreg: version, typescript };
	const link = (folder: string) => `file:${path(relative(here, folder))}`;
	return { "@dynreg/cli": link(command), dynreg: link(libraryFolder) };
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

A lamp that the cloud switches: \`main.ts\`. dynreg registers the device, stores the secret and reconnects.
The boards' configuration is \`${defaultConfigurationFile}\`; the product's secret is in \`.dynreg/\`, which git ignores.

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
