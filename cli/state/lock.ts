import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds between two looks at another process's lock. */
const pollInterval = 200;

/**
 * Takes a lock, so that one process at a time does something. The file holds the id of the process that has the lock;
 * the lock of a process that is gone is taken over.
 *
 * @returns the function that releases the lock, or the id of the process that has it
 */
export function tryLock(file: string): (() => void) | number {
	const own = `${file}.${process.pid}`;
	writeFileSync(own, String(process.pid));
	try {
		for (;;) {
			try {
				// Unlike opening the file and then writing to it, this never leaves a lock without its holder.
				linkSync(own, file);
				return () => rmSync(file, { force: true });
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
			}
			const holder = readHolder(file);
			if (holder !== undefined && isAlive(holder)) return holder;
			takeAway(file, holder);
		}
	} finally {
		rmSync(own, { force: true });
	}
}

/**
 * The same, and waits until the lock is free.
 *
 * @param onWait called once, with the id of the process that has it
 * @returns the function that releases the lock
 */
export async function lock(file: string, onWait?: (pid: number) => void): Promise<() => void> {
	for (let waits = false; ; waits = true) {
		const release = tryLock(file);
		if (typeof release === "function") return release;
		if (!waits) onWait?.(release);
		await sleep(pollInterval);
	}
}

/** Undefined if the lock has been released by now. */
function readHolder(file: string): number | undefined {
	try {
		return Number(readFileSync(file, "utf8"));
	} catch {
		return undefined;
	}
}

function isAlive(pid: number): boolean {
	try {
		return pid > 0 && process.kill(pid, 0);
	} catch (error) {
		// It belongs to another user.
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}

/** Another process may have taken the lock over since it was looked at: then it is given back. */
function takeAway(file: string, holder: number | undefined): void {
	const aside = `${file}.${process.pid}.old`;
	try {
		renameSync(file, aside);
		if (readHolder(aside) !== holder) linkSync(aside, file);
	} catch {
		// Another process was quicker.
	} finally {
		rmSync(aside, { force: true });
	}
}
