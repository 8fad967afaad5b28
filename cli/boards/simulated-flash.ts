import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "@dynreg/cloud/internal/server/make-folder";
import { notWritten, saveFlash } from "@dynreg/node/internal/storage";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";

/** Of the SDK's `Preference`, in the simulator's working folder. */
const flashFile = "modpreferences.json";

/**
 * Prepares a simulated board's flash, a folder: makes the folder for its owner only, writes the board's configuration, and
 * writes the flash again. The SDK's `Preference` ignores that it cannot write, which would cost a registration at each
 * retry.
 *
 * @throws Failure `storage-failed` if the folder or a file in it cannot be written; Error if others may replace its files
 */
export function prepareFlash(folder: string, configuration: RawConfiguration): void {
	makeFlashFolder(folder);
	refusePublicFolder(folder);
	// It holds the product's secret.
	saveFlash(join(folder, "dynreg.json"), JSON.stringify(configuration));
	const file = join(folder, flashFile);
	const flash = readFlash(file);
	if (flash !== undefined) saveFlash(file, flash);
}

/** @throws Failure `storage-failed` */
export function makeFlashFolder(folder: string): void {
	try {
		makeFolder(simulatorFolder(folder), 0o700);
	} catch (cause) {
		throw notWritten(folder, cause);
	}
}

/** Erases the flash. */
export function eraseFlash(folder: string): void {
	rmSync(join(folder, flashFile), { force: true });
}

/** The simulator's own working folder. */
export function simulatorFolder(folder: string): string {
	return join(folder, "simulator");
}

/** @throws Failure `storage-failed` */
function readFlash(file: string): string | undefined {
	try {
		if (statSync(file).isFile()) return readFileSync(file, "utf8");
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw notWritten(file, cause);
	}
	throw new Failure("store", "storage-failed", "retry", { reason: "file-invalid", value: file });
}

/** The SDK's `Preference` makes its file under its own name: another user could put a file or a link in its place. */
function refusePublicFolder(folder: string): void {
	const { mode } = statSync(folder);
	if (!(mode & 0o002)) return;
	throw new Error(
		`Every user of this computer may replace the files in ${folder}. Take the permission away (chmod o-w), or name another folder with --store.`,
	);
}
