/**
 * One JSON file that is always replaced as a whole: after a crash it holds the state before or after a change, never
 * a part of one. It holds secrets, so only its owner may read it.
 */

import { type FileHandle, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Milliseconds that changes are collected before they are written: what a power cut may lose. */
const writeDelay = 100;

export class StateFile<State> {
	readonly #path: string;
	readonly #state: () => State;
	#timer: NodeJS.Timeout | undefined;
	#writing: Promise<void> = Promise.resolve();
	#failure: unknown;
	#closed = false;

	/** @param state called for each write */
	constructor(path: string, state: () => State) {
		this.#path = path;
		this.#state = state;
	}

	/** Schedules a write. */
	changed(): void {
		if (this.#closed) return;
		this.#timer ??= setTimeout(() => {
			this.#timer = undefined;
			this.#write().catch((error: unknown) => {
				this.#failure = error;
			});
		}, writeDelay);
	}

	/**
	 * Writes pending changes, and nothing afterwards: another cloud may use the file by then.
	 *
	 * @throws Error if this or an earlier write failed
	 */
	async close(): Promise<void> {
		this.#closed = true;
		if (this.#timer) {
			clearTimeout(this.#timer);
			this.#timer = undefined;
			await this.#write();
		}
		await this.#writing;
		if (this.#failure) throw this.#failure;
	}

	/** Writes never overlap; each takes the state as it is when its turn comes. */
	#write(): Promise<void> {
		const write = this.#writing.then(() => replace(this.#path, JSON.stringify(this.#state())));
		this.#writing = write.catch(() => {});
		return write;
	}
}

/**
 * @returns undefined if there is no such file
 * @throws Error if it cannot be read or is not JSON
 */
export async function readState(path: string): Promise<unknown> {
	try {
		return JSON.parse(await readFile(path, "utf8"));
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw new Error(`cannot read the state file ${path}: move it away to start afresh, or name another`, {
			cause: error,
		});
	}
}

async function replace(path: string, text: string): Promise<void> {
	const next = `${path}.${process.pid}.next`;
	try {
		await withFile(next, "w", async (file) => {
			await file.writeFile(text);
			await file.sync();
		});
		await rename(next, path);
		// The directory entry has to reach the disk too.
		await withFile(dirname(path), "r", (directory) => directory.sync());
	} catch (error) {
		await rm(next, { force: true });
		throw new Error(`cannot write the state file ${path}`, { cause: error });
	}
}

async function withFile(path: string, flags: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
	const file = await open(path, flags, 0o600);
	try {
		await use(file);
	} finally {
		await file.close();
	}
}
