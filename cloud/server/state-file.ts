/**
 * One JSON file that is always replaced as a whole: after a crash it holds the state before or after a change, never
 * a part of one. It holds secrets, so only its owner may read it.
 */

import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { nextPath } from "./state-path.js";

/** Milliseconds that changes are collected before they are written: what a power cut may lose. */
const writeDelay = 100;

/** Milliseconds until a failed write is tried again. */
const retryDelay = 1000;

/** Milliseconds. A change waits at most this long for its write. */
const maxWait = 10_000;

/** A busy cloud with a large state writes for no more than this part of the time. */
const writingShare = 0.1;

export class StateFile<State> {
	readonly #path: string;
	readonly #state: () => State;
	readonly #onFailure: (failure: Error | undefined) => void;
	#timer: NodeJS.Timeout | undefined;
	#writing: Promise<void> = Promise.resolve();
	/** Milliseconds that the latest write took. */
	#duration = 0;
	#failure: Error | undefined;
	#closed = false;

	/**
	 * @param path resolved by `prepareStatePath`
	 * @param state called for each write
	 * @param onFailure called when writing begins to fail, and with undefined when it succeeds again
	 */
	constructor(path: string, state: () => State, onFailure: (failure: Error | undefined) => void) {
		this.#path = path;
		this.#state = state;
		this.#onFailure = onFailure;
	}

	/** Why the latest write failed; undefined if it succeeded. */
	get failure(): Error | undefined {
		return this.#failure;
	}

	/**
	 * Writes the state for the first time: what cannot be saved is reported before a change gets lost, and a file that others
	 * may have read is private from then on.
	 *
	 * @throws Error if the state cannot be written
	 */
	async open(): Promise<void> {
		await replaceFile(this.#path, JSON.stringify(this.#state()));
	}

	/** Schedules a write. */
	scheduleWrite(): void {
		if (this.#closed || this.#timer) return;
		const delay = this.#failure ? retryDelay : Math.max(writeDelay, this.#duration / writingShare);
		this.#timer = setTimeout(() => void this.flush(), delay);
	}

	/** Writes pending changes now, unless that takes long. @returns the failure, if it fails or has failed */
	async writeSoon(): Promise<Error | undefined> {
		return this.#duration > maxWait ? this.#failure : await this.flush();
	}

	/** Writes pending changes now; all of them, if earlier writes have failed. @returns the failure, if it fails */
	async flush(): Promise<Error | undefined> {
		if (this.#timer || this.#failure) {
			clearTimeout(this.#timer);
			this.#timer = undefined;
			this.#writing = this.#writing.then(() => this.#write());
		}
		await this.#writing;
		return this.#failure;
	}

	/**
	 * Writes pending changes, and nothing afterwards: another cloud may use the file by then.
	 *
	 * @throws Error if the state could not be written
	 */
	async close(): Promise<void> {
		this.#closed = true;
		const failure = await this.flush();
		if (failure) throw failure;
	}

	/** Writes never overlap; each takes the state as it is when its turn comes. */
	async #write(): Promise<void> {
		const started = performance.now();
		const failed = this.#failure !== undefined;
		try {
			await replaceFile(this.#path, JSON.stringify(this.#state()));
			this.#failure = undefined;
			if (failed) this.#onFailure(undefined);
		} catch (error) {
			this.#failure = error as Error;
			if (!failed) this.#onFailure(this.#failure);
			this.scheduleWrite();
		}
		this.#duration = performance.now() - started;
	}
}

async function replaceFile(path: string, text: string): Promise<void> {
	const next = nextPath(path);
	try {
		await rm(next, { force: true });
		// A new file: its mode would otherwise be that of what is there, and a link would be followed.
		await withFile(next, "wx", async (file) => {
			await file.writeFile(text);
			await file.sync();
		});
		await rename(next, path);
		// The directory entry has to reach the disk too.
		await withFile(dirname(path), "r", (directory) => directory.sync());
	} catch (error) {
		// The folder may be gone, or read-only by now: the first error says so.
		await rm(next, { force: true }).catch(() => {});
		throw stateNotWritten(path, error);
	}
}

export function stateNotRead(path: string, cause: unknown): Error {
	return new Error(`Cannot read the state file ${path}. Check the path and its permissions, or name another file.`, {
		cause,
	});
}

export function stateNotWritten(path: string, cause: unknown): Error {
	return new Error(`Cannot write the state file ${path}. Check the folder, its permissions and the room on the disk.`, {
		cause,
	});
}

async function withFile(path: string, flags: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
	const file = await open(path, flags, 0o600);
	try {
		await use(file);
	} finally {
		await file.close();
	}
}
