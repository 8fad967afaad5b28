import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { defaultConfigurationFile } from "../configuration/configuration-file.js";
import { library as project } from "../state/folders.js";
import type { NewFile } from "./files.js";

const example = join(project, "examples", "lamp");

/**
 * A small application that uses the library, and what it takes to build it: the lamp of `examples/`, with the paths to
 * where this project is.
 *
 * @param folder it is for; it exists
 */
export function application(folder: string): NewFile[] {
	const here = realpathSync(folder);
	const library = path(relative(here, project));
	const isWithin = commonFolder(here, project) === project;
	const name = basename(here);
	const files = [
		{ name: "main.ts", text: readFileSync(join(example, "main.ts"), "utf8") },
		{
			name: "manifest.json",
			text: json(manifest(library)),
		},
		{ name: "tsconfig.json", text: json(editor(here, library)) },
		{ name: "README.md", text: readme(name) },
	];
	// In the project itself, npx finds dynreg as it is; and a package of one's own is one's own business.
	return isWithin || existsSync(join(here, "package.json"))
		? files
		: [...files, { name: "package.json", text: json(packageOf(name, library)) }];
}

/** That of the example, which is two folders below the project. */
function manifest(library: string) {
	const { include, ...rest } = JSON.parse(readFileSync(join(example, "manifest.json"), "utf8"));
	const paths: string[] = [include].flat();
	return { include: paths.map((each) => each.replace("../..", library)), ...rest };
}

/** For editors: the SDK's tools make their own. */
function editor(here: string, library: string) {
	return {
		extends: `${library}/hosts/moddable/tsconfig.json`,
		compilerOptions: {
			rootDir: path(relative(here, commonFolder(here, project))) || ".",
			// As the SDK does, whatever "type" the folder's package.json has.
			module: "esnext",
			moduleResolution: "bundler",
		},
		// The library's own sources and typings come with what it includes.
		files: ["main.ts"],
	};
}

/** So that `npx dynreg` works in the folder, once `npm install` has linked it. */
function packageOf(name: string, library: string) {
	return {
		name: name.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-"),
		private: true,
		type: "module",
		devDependencies: { dynreg: `file:${library}` },
		// It is linked as it is, built already. npm has links by where they are seen from in node_modules.
		allowScripts: { [`file:../${library}`]: false },
	};
}

function readme(name: string): string {
	return `# ${name}

A lamp that the cloud switches: \`main.ts\`. Registering, storing the secret and reconnecting are dynreg's business.
The boards' configuration is \`${defaultConfigurationFile}\`; the product's secret lies in \`.dynreg/\`, which git ignores.

\`\`\`sh
npm install                                    # once: links dynreg
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

/** The deepest folder that both are in. */
function commonFolder(one: string, other: string): string {
	let folder = one;
	while (relative(folder, other).startsWith("..")) folder = dirname(folder);
	return folder;
}
