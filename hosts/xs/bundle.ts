import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

/** The firmware application. */
export const firmware = fileURLToPath(import.meta.resolve("dynreg/main"));

/** The seams that each host fills. By exact name: esbuild's `alias` also takes what begins with it. */
const seams: Plugin = {
	name: "seams",
	setup({ onResolve }) {
		onResolve({ filter: /^dynreg\/(host|local-control)$/ }, ({ path }) => ({
			path: fileURLToPath(new URL(`./${path.slice("dynreg/".length)}.js`, import.meta.url)),
		}));
	},
};

let bundledFirmware: Promise<string> | undefined;

/** An entry and all that it imports as one script for the XS engine, with `dynreg/host` being this host. */
export function bundle(entry: string): Promise<string> {
	if (entry !== firmware) return bundled(entry);
	// Once for all boards of this process.
	bundledFirmware ??= bundled(firmware);
	return bundledFirmware;
}

async function bundled(entry: string): Promise<string> {
	const { outputFiles } = await build({
		entryPoints: [entry],
		bundle: true,
		write: false,
		format: "iife",
		// XS 13
		target: "es2022",
		platform: "neutral",
		plugins: [seams],
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
