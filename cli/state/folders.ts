import { createHash } from "node:crypto";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { makeFolder } from "@dynreg/cloud/internal/server/make-folder";

/**
 * Where things lie. What belongs to a user is kept in `.dynreg` beside the application, and in the user's cache; an
 * installed package is never written to.
 */

/** The library's package: a clone, or what npm has installed. */
export const libraryFolder = dirname(fileURLToPath(import.meta.resolve("dynreg/package.json")));

/** Folder of the firmware application's manifest. A package has it built: `mcpack` takes one at its root for the library's. */
export const firmwareFolder = existsSync(join(libraryFolder, "manifest.json"))
	? libraryFolder
	: join(libraryFolder, "build");

/** Whether npm has put this folder there, and may replace it at any time. */
export function isInstalled(folder: string): boolean {
	return resolve(folder).split(sep).includes("node_modules");
}

/**
 * Where commands keep what belongs to an application: secrets, flash, builds. For its owner only; git ignores it.
 *
 * @param application its folder; what comes with an installed package is kept in the current folder instead
 * @returns the folder `.dynreg`
 */
export function stateFolder(application = "."): string {
	const folder = join(resolve(isInstalled(application) ? "." : application), ".dynreg");
	makeFolder(folder, 0o700);
	// It may have been made by hand.
	if (statSync(folder).mode & 0o077) chmodSync(folder, 0o700);
	const rule = join(folder, ".gitignore");
	if (!existsSync(rule)) writeFileSync(rule, "*\n");
	return folder;
}

/** Where builds of dynreg's own applications go: in a clone within it, else in the user's cache. */
export function buildFolder(environment: NodeJS.ProcessEnv = process.env): string {
	return isInstalled(libraryFolder)
		? join(cacheFolder(environment), "build")
		: join(libraryFolder, "build", "moddable");
}

/** One for each installation, so that two versions do not build over each other. */
function cacheFolder({ XDG_CACHE_HOME: cache = "", HOME }: NodeJS.ProcessEnv): string {
	const { version } = JSON.parse(readFileSync(join(libraryFolder, "package.json"), "utf8")) as { version: string };
	const place = createHash("sha256").update(libraryFolder).digest("hex").slice(0, 8);
	// A relative path is to be ignored, by the XDG Base Directory Specification.
	const base = isAbsolute(cache) ? cache : join(HOME || homedir(), ".cache");
	return join(base, "dynreg", `${version}-${place}`);
}

/**
 * Where an application is built. The SDK's tools make `bin` and `tmp` there.
 *
 * @param application its folder: absolute, or within the library
 */
export function outputFolder(application: string): string {
	const folder = resolve(libraryFolder, application);
	const parts = folder.split(sep);
	const state = parts.lastIndexOf(".dynreg");
	// What a command has written for an application is built beside it.
	if (state >= 0) return join(parts.slice(0, state + 1).join(sep), "build");
	if (isInstalled(folder) || [libraryFolder, buildFolder()].some((own) => isWithin(own, folder))) return buildFolder();
	return join(folder, ".dynreg", "build");
}

/** Whether the path is the folder or in it. */
export function isWithin(folder: string, path: string): boolean {
	const way = relative(folder, path);
	return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
