import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { build } from "esbuild";

const page = join(project, "cloud/console/page");
const output = join(project, "cloud/build/console/page");

/** What is in the bundle, and the file with its licence. */
const libraries = [
	["preact", "LICENSE"],
	["uplot", "LICENSE"],
	["qr", "LICENSE-MIT"],
] as const;

/**
 * Bundles the page of the local cloud's console, so that `@dynreg/cloud` depends on nothing for it: the browser gets one
 * script and one style sheet.
 *
 * @returns bytes of the script and of the style sheet
 */
export async function bundleConsole(): Promise<readonly [script: number, style: number]> {
	const licences = libraries.map(([name, file]) => {
		const text = readFileSync(join(project, "node_modules", name, file), "utf8").trim();
		return `${name}\n\n${text}`;
	});
	await build({
		entryPoints: [
			{ in: join(page, "build/console.js"), out: "console" },
			{ in: join(page, "console.css"), out: "console" },
		],
		outdir: output,
		bundle: true,
		minify: true,
		format: "esm",
		target: ["chrome123", "firefox120", "safari17.5"],
		banner: { js: `/*!\n${licences.join("\n\n---\n\n").replaceAll("*/", "* /")}\n*/` },
		logLevel: "warning",
		absWorkingDir: project,
	});
	for (const name of ["index.html", "icon.svg"]) cpSync(join(page, name), join(output, name));
	const size = (name: string) => readFileSync(join(output, name)).length;
	return [size("console.js"), size("console.css")];
}
