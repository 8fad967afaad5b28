import { chmodSync, cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { project } from "./moddable.js";

/**
 * Makes of `build/` what the SDK can build from without TypeScript: without what earlier builds have left there, and
 * with all that is not TypeScript (manifests, C, partition tables, settings, typings), each at the same place as among the sources, so that what a manifest
 * calls "./start" is the JavaScript there. `mcpack` builds from these, and the link check of the examples. The command
 * becomes a program.
 */

const folders = ["modules", "src", "hosts", "cloud", "tools", "examples"];
const built = folders.flatMap((folder) => filesIn(join("build", folder)));
const stale = built.filter((path) => !existsSync(join(project, sourceOf(path))));
for (const path of stale) rmSync(join(project, path));

const needed = ["modules", "src", "hosts/moddable", "examples"]
	.flatMap(filesIn)
	.filter((path) => !/((?<!\.d)\.ts|\btsconfig\.json)$/.test(path))
	.concat("manifest_dynreg.json", "certs/README.md");
// What npm links as a command; TypeScript does not make it one.
chmodSync(join(project, "build/tools/dynreg.js"), 0o755);
for (const path of needed) cpSync(join(project, path), join(project, "build", path));
process.stdout.write(`Left of earlier builds and removed: ${stale.length}; copied for mcpack: ${needed.length}.\n`);

function filesIn(folder: string): string[] {
	return readdirSync(join(project, folder), { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.parentPath, entry.name).slice(project.length + 1));
}

/** The TypeScript that this was made of; anything else is a copy of its namesake. */
function sourceOf(path: string): string {
	const source = path.slice("build/".length).replace(/(\.d\.ts|\.js\.map|\.js)$/, ".ts");
	return existsSync(join(project, source)) ? source : path.slice("build/".length);
}
