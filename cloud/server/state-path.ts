/** Where the state file is, and what an earlier run may have left beside it. */

import { lstat, readdir, readlink, realpath, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { tryLock } from "./lock.js";
import { makeFolder } from "./make-folder.js";
import { stateNotRead, stateNotWritten } from "./state-file.js";

/** Milliseconds. An older file is not being written: another process has got the number of the one that was killed. */
const maxWriteTime = 60_000;

/** As many links as Linux follows. */
const maxLinks = 40;

/** @returns the file that is written first and then takes the place of the state file. It holds secrets. */
export function nextPath(path: string): string {
	return `${path}.${process.pid}.next`;
}

/** The place of the state file, for this cloud alone. */
export interface StatePath {
	/** The path that a symbolic link leads to, so that the link stays when the file is replaced. */
	readonly path: string;
	/** Another cloud may use the file from now on. */
	release(): void;
}

/**
 * Locks the state file, makes its folder, and removes what earlier runs have left: a run that is killed while it writes
 * leaves a file with secrets.
 *
 * @throws Error if links lead in a circle, another cloud uses the file, or its folder cannot be written to
 */
export async function prepareStatePath(given: string): Promise<StatePath> {
	const path = await resolveLinks(given);
	const release = lockState(path);
	await removeLeftovers(path);
	return { path, release };
}

function lockState(path: string): () => void {
	let release: (() => void) | number;
	try {
		makeFolder(dirname(path));
		release = tryLock(`${path}.lock`);
	} catch (cause) {
		const { code = "" } = cause as NodeJS.ErrnoException;
		throw ["ENOTDIR", "EEXIST"].includes(code) ? stateNotRead(path, cause) : stateNotWritten(path, cause);
	}
	if (typeof release === "function") return release;
	throw new Error(
		`Process ${release} is using the state file ${path}. End that process, or name another file for this cloud.`,
	);
}

/** The file at the end of the links need not exist. */
async function resolveLinks(path: string): Promise<string> {
	let target = path;
	for (let links = 0; links < maxLinks; links++) {
		const stat = await lstat(target).catch(() => undefined);
		if (!stat?.isSymbolicLink()) return links === 0 ? path : target;
		// Relative links begin at the folder that the link is really in.
		target = resolve(await realpath(dirname(target)), await readlink(target));
	}
	throw new Error(`The state file ${path} is a symbolic link that points to itself. Name another file.`);
}

async function removeLeftovers(path: string): Promise<void> {
	const folder = dirname(path);
	const start = `${basename(path)}.`;
	const names = await readdir(folder).catch(() => []);
	for (const name of names) {
		if (!name.startsWith(start) || !name.endsWith(".next")) continue;
		const pid = name.slice(start.length, -".next".length);
		const file = join(folder, name);
		if (/^\d+$/.test(pid) && !(await isBeingWritten(file, Number(pid)))) await rm(file, { force: true });
	}
}

/** Whether another cloud that runs is writing this file now. */
async function isBeingWritten(file: string, pid: number): Promise<boolean> {
	if (!isRunning(pid)) return false;
	const stat = await lstat(file).catch(() => undefined);
	return stat !== undefined && Date.now() - stat.mtimeMs < maxWriteTime;
}

function isRunning(pid: number): boolean {
	if (pid === process.pid) return false;
	try {
		return process.kill(pid, 0);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
