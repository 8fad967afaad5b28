import { writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeFolder } from "@dynreg/cloud/internal/server/make-folder";
import { type CaseFiles, esp8266Images } from "@dynreg/conformance/internal/coordinator/esp8266-images";
import { buildFolder, libraryFolder } from "../state/folders.js";

/** Where the cases lie, compiled. */
const cases = join(dirname(fileURLToPath(import.meta.resolve("@dynreg/conformance/package.json"))), "build", "device");
const built = join(libraryFolder, "build");
/** What of it needs no ports. */
const setUpMode = join(built, "modules", "setup", "manifest.json");
const flashLog = join(built, "hosts", "moddable", "platforms", "esp8266", "manifest_flash_log.json");

/**
 * Writes the manifest of the application with the conformance cases. Library and cases are separate packages, which npm
 * may put anywhere, so the manifest names absolute paths.
 *
 * @param isSmall with the memory of an ESP8266, for the simulator
 * @returns the folder of the manifest
 */
export function conformanceApplication(isSmall = false): string {
	const folder = join(buildFolder(), "applications", isSmall ? "conformance-small" : "conformance");
	makeFolder(folder);
	const manifest = {
		include: [
			join(built, "hosts", "moddable", "manifest.json"),
			join(built, "src", "manifest.json"),
			join(built, "src", "manifest_outbox.json"),
			setUpMode,
			join(cases, "manifest.json"),
			...(isSmall ? [join(cases, "esp8266", "manifest.json")] : []),
		],
		...(isSmall ? { modules: smallModules() } : {}),
	};
	writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, undefined, "\t")}\n`);
	return folder;
}

/**
 * Writes the manifest of the application with some of the cases. In the place of each file with others is one of the same
 * name that holds none. Without what the SDK links and no case uses: WebSocket and DSA.
 *
 * @returns the folder of the manifest
 */
export function partOfConformance(files: CaseFiles): string {
	const folder = join(buildFolder(), "applications", `conformance-${esp8266Images.indexOf(files) + 1}`);
	makeFolder(join(folder, "none"));
	const others = esp8266Images.filter((each) => each !== files).flatMap((each) => Object.keys(each));
	const modules: Record<string, string | readonly string[]> = { "~": others.map((path) => join(cases, "..", path)) };
	for (const path of others) {
		const name = basename(path);
		modules[`dynreg-conformance/${path}`] = `./none/${name}`;
		writeFileSync(join(folder, "none", `${name}.js`), `export const ${name} = Object.freeze([]);\n`);
	}
	const hasSetUpMode = "contract/cases/setup" in files;
	const manifest = {
		include: [
			join(built, "hosts", "moddable", "manifest.json"),
			...("device/cases/online" in files ? severalClouds() : [join(built, "src", "manifest_tencent.json")]),
			join(built, "src", "manifest_outbox.json"),
			join(built, "hosts", "moddable", "sdk", "manifest_no_websocket.json"),
			join(built, "hosts", "moddable", "sdk", "left-out", "manifest.json"),
			...(hasSetUpMode ? [setUpMode, flashLog] : []),
			join(cases, "manifest.json"),
		],
		...(hasSetUpMode ? { config: { storage: "flash-log" } } : {}),
		modules,
	};
	writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, undefined, "\t")}\n`);
	return folder;
}

/** The clouds that fit, and what a vector of another one needs. */
function severalClouds(): readonly string[] {
	return [join(built, "src", "manifest_esp8266.json"), join(built, "modules", "clouds", "azure", "manifest.json")];
}

/** Those of an ESP8266 in the place of the simulator's. */
function smallModules(): Record<string, string | readonly string[]> {
	const platforms = join(built, "hosts", "moddable", "platforms");
	const names = ["limits", "mqtt"];
	return {
		"~": names.map((name) => join(platforms, "sim", name)),
		...Object.fromEntries(names.map((name) => [`dynreg/platform/${name}`, join(platforms, "esp8266", name)])),
	};
}
