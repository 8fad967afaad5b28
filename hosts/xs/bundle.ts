import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The firmware application. */
export const firmware = fileURLToPath(import.meta.resolve("dynreg/main"));

const ours = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

/** An entry and all that it imports as one script for the XS engine, with `dynreg/host` being this host. */
export async function bundle(entry: string): Promise<string> {
	const { outputFiles } = await build({
		entryPoints: [entry],
		bundle: true,
		write: false,
		format: "iife",
		// XS 13
		target: "es2022",
		platform: "neutral",
		alias: { "dynreg/host": ours("host"), "dynreg/local-control": ours("local-control") },
		// Without the paths of the project's own configuration, so that the compiled modules are taken.
		tsconfigRaw: {},
		logLevel: "silent",
		// In the engine it would only show when that code runs.
		logOverride: { "import-is-undefined": "error" },
	});
	const [script] = outputFiles;
	if (script === undefined) throw new Error(`esbuild has made nothing of ${entry}`);
	return script.text;
}
