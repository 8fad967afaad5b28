import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { project, sdkFolder } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { buildFolder } from "@dynreg/cli/internal/state/folders";

/** Compiled from `test/chip`. */
const modules = fileURLToPath(new URL("../chip/", import.meta.url));

/** What is replaced, by its name in the SDK. */
const replaced = {
	socket: "network/socket/socket",
	net: "network/net/net",
	time: "base/time/time",
} as const;

/**
 * Builds an application for the simulator with socket, resolver and clock as a chip has them (`test/chip`). The
 * simulator's own have other names, as copies: the SDK's tools take no file twice.
 *
 * @param application folder of its manifest
 * @returns the image
 */
export function buildChipLike(application: string): Promise<string> {
	const folder = join(buildFolder(), "applications", `chip-like-${basename(application)}`);
	mkdirSync(folder, { recursive: true });
	const own: Record<string, string | readonly string[]> = {
		"~": [
			...Object.values(replaced).map((path) => `$(MODULES)/${path}`),
			// As it is compiled, and as it is: manifests name either.
			...["socket", "lin/socket", "lin/tcp"].flatMap((path) =>
				["build/hosts", "hosts"].map((hosts) => join(project, hosts, "moddable/platforms/sim", path)),
			),
		],
		// As on a chip: what a callback has not read stays where it is.
		"dynreg/platform/socket": join(project, "build/hosts/moddable/platforms/esp-common/socket"),
		"dynreg-test/chip/chip": join(modules, "chip"),
		"dynreg-test/chip/lookup": join(modules, "lookup"),
	};
	for (const [name, path] of Object.entries(replaced)) {
		copyFileSync(join(sdkFolder(), "modules", `${path}.js`), join(folder, `simulator-${name}.js`));
		own[`simulator/${name}`] = `./simulator-${name}`;
		own[name] = join(modules, name);
	}
	const manifest = { include: [join(application, "manifest.json")], modules: own };
	writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, undefined, "\t")}\n`);
	return buildSimulator(folder);
}
