import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildFolder, library } from "../state/folders.js";

/** Where the cases lie, compiled. */
const cases = join(dirname(fileURLToPath(import.meta.resolve("@dynreg/conformance/package.json"))), "build", "device");
const built = join(library, "build");

/**
 * Writes the manifest of the application with the conformance cases. Library and cases are separate packages, which npm
 * may put anywhere, so the manifest names absolute paths.
 *
 * @param isSmall with the memory of an ESP8266, for the simulator
 * @returns the folder of the manifest
 */
export function conformanceApplication(isSmall = false): string {
	const folder = join(buildFolder(), "applications", isSmall ? "conformance-small" : "conformance");
	mkdirSync(folder, { recursive: true });
	const manifest = {
		include: [
			join(built, "hosts", "moddable", "manifest.json"),
			join(built, "src", "manifest.json"),
			join(cases, "manifest.json"),
			...(isSmall ? [join(cases, "esp8266", "manifest.json")] : []),
		],
		...(isSmall ? { modules: smallLimits() } : {}),
	};
	writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, undefined, "\t")}\n`);
	return folder;
}

function smallLimits(): Record<string, string> {
	const limits = (platform: string) => join(built, "hosts", "moddable", "platforms", platform, "limits");
	return { "~": limits("sim"), "dynreg/platform/limits": limits("esp8266") };
}
