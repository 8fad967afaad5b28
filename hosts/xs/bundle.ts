import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";

/** The firmware application. */
export const firmware = fileURLToPath(import.meta.resolve("dynreg/main"));

/** The modules that each host provides. By exact name, since esbuild's `alias` also matches prefixes. */
const hostModules: Plugin = {
	name: "seams",
	setup({ onResolve }) {
		onResolve({ filter: /^dynreg\/(host|local-control)$/ }, ({ path }) => ({
			path: fileURLToPath(new URL(`./${path.slice("dynreg/".length)}.js`, import.meta.url)),
		}));
	},
};

let bundledFirmware: Promise<string> | undefined;

/** Bundles an entry and its imports as one script for the XS engine, with this host as `dynreg/host`. */
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
		plugins: [hostModules],
		// Without the paths of the project's configuration, so that the compiled modules are used.
		tsconfigRaw: {},
		logLevel: "silent",
		// Otherwise it would only fail when that code runs in the engine.
		logOverride: { "import-is-undefined": "error" },
	});
	const [script] = outputFiles;
	if (script === undefined) throw new Error(`esbuild returned no output for ${entry}.`);
	return script.text;
}
