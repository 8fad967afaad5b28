import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

const setup = "hosts/moddable/setup/manifest.json";

/**
 * Whether an application includes set-up mode, by its manifest or one that this includes, for any platform.
 *
 * @param folder of the manifest
 */
export function includesSetup(folder: string): boolean {
	return reaches(resolve(folder, "manifest.json"), new Set());
}

function reaches(manifest: string, seen: Set<string>): boolean {
	if (manifest.replaceAll("\\", "/").endsWith(setup)) return true;
	if (seen.has(manifest) || !existsSync(manifest)) return false;
	seen.add(manifest);
	return includes(parsed(manifest)).some((path) => reaches(resolve(dirname(manifest), path), seen));
}

/** A manifest that is no JSON is for `mcconfig` to report. */
function parsed(manifest: string): unknown {
	try {
		return JSON.parse(readFileSync(manifest, "utf8"));
	} catch {
		return undefined;
	}
}

/** Those with variables of the SDK lead to none. */
function includes(manifest: unknown): string[] {
	const { include = [], platforms = {} } = Object(manifest) as { include?: unknown; platforms?: unknown };
	const own = [include].flat().filter((path): path is string => typeof path === "string" && !path.includes("$("));
	return [...own, ...Object.values(Object(platforms)).flatMap(includes)];
}
