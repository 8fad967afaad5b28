import { execFileSync } from "node:child_process";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds between two looks at another process's lock. */
const pollInterval = 200;

/**
 * Takes a lock, so that one process at a time uses something. The file holds the id and the start of the process that has
 * the lock. The lock of an ended process is taken over, also when another process has got its id.
 *
 * @returns the function that releases the lock, or the id of the process that has it
 * @throws the system's error if the folder cannot be written to
 */
export function tryLock(file: string): (() => void) | number {
	const own = `${file}.${process.pid}`;
	ownText ??= `${process.pid} ${startOf(process.pid) ?? ""}`.trim();
	writeFileSync(own, ownText, { mode: 0o600 });
	try {
		for (;;) {
			try {
				// Unlike opening the file and then writing to it, this never leaves a lock without its holder.
				linkSync(own, file);
				return () => remove(file);
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
			}
			const text = read(file);
			if (text === undefined) continue;
			const holder = livingHolder(text) ?? removeStale(file, text);
			if (holder !== undefined) return holder;
		}
	} finally {
		remove(own);
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

/** What this process writes into its locks. */
let ownText: string | undefined;

/** Undefined if the lock has been released by now. */
function read(file: string): string | undefined {
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}

/** @returns the id of the process that wrote this; undefined if the process has ended */
function livingHolder(text: string): number | undefined {
	const [id = "", start] = text.split(" ");
	const pid = Number(id);
	if (!Number.isInteger(pid) || pid <= 0) return undefined;
	const found = startOf(pid);
	const lives = found === undefined || start === undefined ? isAlive(pid) && found !== ended : found === start;
	return lives ? pid : undefined;
}

/**
 * Only the process that holds a lock on the removal removes it: another process may have taken the lock over by now.
 *
 * @returns the id of the process that is removing it
 */
function removeStale(file: string, text: string): number | undefined {
	const release = tryLock(`${file}.${text.replaceAll(/\W+/g, "-") || "empty"}`);
	if (typeof release === "number") return release;
	if (read(file) === text) remove(file);
	release();
	return undefined;
}

/** The folder may be gone by now, and the lock with it. */
function remove(file: string): void {
	try {
		rmSync(file, { force: true });
	} catch {
		// See above.
	}
}

function isAlive(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch (error) {
		// It belongs to another user.
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}

/** The start of a process that has ended and whose parent has not asked for its exit code. */
const ended = "ended";

/** When a process started, as a word that no other process of the same id has; undefined if that is unknown. */
function startOf(pid: number): string | undefined {
	try {
		if (!existsSync("/proc/self/stat")) return startFromPs(pid);
		// The name is in parentheses, and may have any character.
		const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
			.replace(/^.*\) /s, "")
			.split(" ");
		if (fields[0] === "Z" || fields[0] === "X") return ended;
		const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
		// In ticks since the computer's start: field 22 of proc(5).
		return `${boot}-${fields[19]}`;
	} catch {
		return undefined;
	}
}

/** macOS and BSD. @throws Error if there is no such process, or no ps */
function startFromPs(pid: number): string {
	const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
	const text = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { env, encoding: "utf8", stdio: "pipe" });
	return text.trim().replaceAll(/\W+/g, "-");
}
