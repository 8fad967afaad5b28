import { setTimeout as sleep } from "node:timers/promises";

/** Characters that may wait for a reader. */
const maxBacklog = 1024 * 1024;

/**
 * Lines on standard output that never hold up what they report: a reader that is gone, or
 * that stopped reading after the first line, costs the lines and nothing else.
 */
export class LineWriter {
	readonly #stream: NodeJS.WriteStream;
	#isClosed = false;

	constructor(stream: NodeJS.WriteStream) {
		this.#stream = stream;
		stream.on("error", (error: NodeJS.ErrnoException) => {
			if (error.code !== "EPIPE") throw error;
			this.#isClosed = true;
		});
	}

	write(line: string): void {
		if (!this.#isClosed && this.#stream.writableLength < maxBacklog) this.#stream.write(`${line}\n`);
	}

	/** @returns whether all lines were read within a second */
	async end(): Promise<boolean> {
		for (let tries = 0; tries < 20 && !this.#isClosed && this.#stream.writableLength > 0; tries++) await sleep(50);
		return this.#isClosed || this.#stream.writableLength === 0;
	}
}
