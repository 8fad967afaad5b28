import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "@dynreg/cloud/internal/server/make-folder";
import { replacePrivateFile } from "@dynreg/node/internal/private-file";

/** A file to be written. */
export interface NewFile {
	/** In the folder. */
	readonly name: string;
	readonly text: string;
	/** Only its owner may read it. */
	readonly secret?: boolean;
}

export interface WriteResult {
	readonly name: string;
	readonly result: "written" | "overwritten" | "unchanged";
}

/** Those that are there already and say something else. */
export function conflictingFiles(folder: string, files: readonly NewFile[]): string[] {
	return files.filter(({ name, text }) => (read(join(folder, name)) ?? text) !== text).map(({ name }) => name);
}

export function writeFiles(folder: string, files: readonly NewFile[]): WriteResult[] {
	return files.map(({ name, text, secret }) => {
		const path = join(folder, name);
		const before = read(path);
		makeFolder(dirname(path), secret ? 0o700 : undefined);
		// Also where it is unchanged: its mode may be another.
		if (secret) replacePrivateFile(path, text);
		else if (before !== text) writeFileSync(path, text);
		return { name, result: before === undefined ? "written" : before === text ? "unchanged" : "overwritten" };
	});
}

/**
 * Adds lines to the folder's `.gitignore`, for what git would take otherwise.
 *
 * @param names of files and, with a slash behind, folders
 * @returns whether anything had to be added
 */
export function addToGitignore(folder: string, names: readonly string[]): boolean {
	const file = join(folder, ".gitignore");
	const text = read(file) ?? "";
	const lines = text.split(/\r?\n/);
	const missing = names.filter((name) => !lines.includes(name) && !isIgnored(folder, name));
	if (missing.length === 0) return false;
	const gap = text === "" || text.endsWith("\n") ? "" : "\n";
	writeFileSync(file, `${text}${gap}${missing.join("\n")}\n`);
	return true;
}

/** By a rule of the repository that the folder is in, if it is in one. */
function isIgnored(folder: string, name: string): boolean {
	try {
		execFileSync("git", ["check-ignore", "--quiet", `${name}x`], { cwd: folder, stdio: "ignore" });
		return true;
	} catch {
		// Not ignored, no repository, or no git.
		return false;
	}
}

function read(path: string): string | undefined {
	return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
