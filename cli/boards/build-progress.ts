import { colour } from "../terminal/colour.js";

/** Milliseconds from one line to the next, where there is no terminal. */
const interval = 10_000;

/**
 * The steps of a build: on one line where there is a terminal, elsewhere a line every ten seconds; on standard error,
 * which is not for the board's events.
 */
export class BuildProgress {
	readonly #isTerminal = process.stderr.isTTY;
	readonly #quiet: boolean;
	readonly #began = Date.now();
	#lastPrinted = this.#began;
	#steps = 0;

	constructor(quiet: boolean) {
		this.#quiet = quiet;
	}

	begin(text: string): void {
		this.#write(`${text}\n`);
	}

	/** @param pid of the process that builds in the same place */
	waiting(pid: number): void {
		this.#write(`Waiting for process ${pid}, which is building in the same folder …\n`);
	}

	/** @param line of the SDK's tools: "# cc main.c" */
	step(line: string): void {
		if (!line.startsWith("# ")) return;
		this.#steps++;
		if (this.#isTerminal) this.#write(`\r\u{1b}[K${colour(process.stderr, "gray", line.slice(2).slice(0, 70))}`);
		else if (Date.now() - this.#lastPrinted >= interval) {
			this.#lastPrinted = Date.now();
			this.#write(`Building: ${this.#seconds(0)} s, ${this.#steps} steps\n`);
		}
	}

	end(what: "Built" | "Failed"): void {
		this.#write(`${this.#isTerminal ? "\r\u{1b}[K" : ""}${what} after ${this.#seconds(1)} s, ${this.#steps} steps\n`);
	}

	#seconds(digits: number): string {
		return ((Date.now() - this.#began) / 1000).toFixed(digits);
	}

	#write(text: string): void {
		if (!this.#quiet) process.stderr.write(text);
	}
}
