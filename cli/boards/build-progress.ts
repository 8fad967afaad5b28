import { colour } from "../terminal/colour.js";

/** The steps of a build, on one line where there is a terminal; on standard error, which is not for the board's events. */
export class BuildProgress {
	readonly #shown = process.stderr.isTTY;
	readonly #quiet: boolean;
	readonly #began = Date.now();
	#steps = 0;

	constructor(quiet: boolean) {
		this.#quiet = quiet;
	}

	begin(text: string): void {
		this.#write(`${text}\n`);
	}

	/** @param line of the SDK's tools: "# cc main.c" */
	step(line: string): void {
		if (!line.startsWith("# ")) return;
		this.#steps++;
		if (this.#shown) this.#write(`\r\u{1b}[K${colour(process.stderr, "gray", line.slice(2).slice(0, 70))}`);
	}

	end(what: "built" | "failed"): void {
		const seconds = ((Date.now() - this.#began) / 1000).toFixed(1);
		this.#write(`${this.#shown ? "\r\u{1b}[K" : ""}${what} after ${seconds} s, ${this.#steps} steps\n`);
	}

	#write(text: string): void {
		if (!this.#quiet) process.stderr.write(text);
	}
}
