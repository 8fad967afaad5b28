import { chmodSync, cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { bundleConsole } from "./bundle-console.js";
import { bundleSetup, setupBundle } from "./bundle-setup.js";
import { shortenNames } from "./shorten-names.js";

/**
 * Finishes a build. Removes what earlier builds left of sources that are gone. Copies whatever of the library is not
 * TypeScript (manifests, C, partition tables, settings, typings) to its place in `build/`, so that the SDK's tools can
 * build from there without TypeScript, as `mcpack` does. Shortens the names in the library's modules, and bundles those of
 * set-up mode. Makes the command a program.
 */

/** A package's folder, and where among its sources `build/` begins. */
const packages = ["", "hosts/node", "hosts/xs", "cloud", "cloud/console/page", "conformance", "cli", "tools", "test"];
/** What else lies in `build/`: images of the SDK's tools, the compiler's notes, and what is made below. */
const notBuilt = (name: string) => /^moddable\/|\.tsbuildinfo$/.test(name) || name.startsWith(setupBundle);

let stale = 0;
for (const folder of packages)
	for (const path of filesIn(join(folder, "build"))) {
		const name = path.slice(join(folder, "build").length + 1);
		if (notBuilt(name) || isCurrent(join(project, folder), name)) continue;
		rmSync(join(project, path));
		stale++;
	}

const needed = ["modules", "src", "hosts/moddable", "examples"]
	.flatMap(filesIn)
	.filter((path) => !isCompiled(path))
	.concat(
		readdirSync(project).filter((name) => /^manifest(_\w+)?\.json$/.test(name)),
		"certs/README.md",
	);
for (const path of needed) cpSync(join(project, path), join(project, "build", path));
const ofCases = filesIn("conformance/device").filter((path) => !isCompiled(path));
for (const path of ofCases)
	cpSync(join(project, path), join(project, path.replace("conformance/", "conformance/build/")));
const compiled = ["build/modules", "build/src", "build/hosts/moddable"]
	.flatMap(filesIn)
	.filter(
		(path) => path.endsWith(".js") && path !== `build/${setupBundle}` && existsSync(join(project, `${path}.map`)),
	);
const shortened = await shortenNames(compiled.map((path) => join(project, path)));
const bundled = await bundleSetup(join(project, "build"));
const [script, style] = await bundleConsole();
chmodSync(join(project, "cli/build/dynreg.js"), 0o755);
process.stdout.write(
	`Removed ${stale} files of earlier builds; copied ${needed.length + ofCases.length} for the SDK's tools; shortened names in ${shortened}; bundled set-up mode, ${bundled} bytes, and the console, ${script} and ${style} bytes.\n`,
);

function filesIn(folder: string): string[] {
	return readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(project.length + 1));
}

/** What the compiler makes into something else, or is for the compiler only. */
function isCompiled(path: string): boolean {
	return /((?<!\.d)\.ts|\btsconfig\.json)$/.test(path);
}

/** Whether the TypeScript that a file was made from, or the file that it copies, is still there. */
function isCurrent(folder: string, name: string): boolean {
	const source = name.replace(/(\.d\.ts|\.js\.map|\.js)$/, ".ts");
	return [source, `${source}x`, name].some((each) => existsSync(join(folder, each)));
}
