import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The firmware application. It is TypeScript of one import more than what is compiled: `dynreg/host`. */
export const firmware = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));

const host = fileURLToPath(new URL("./host.js", import.meta.url));

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
		alias: { "dynreg/host": host },
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
