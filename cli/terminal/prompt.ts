import { createInterface, type Interface } from "node:readline/promises";
import { Writable } from "node:stream";
import { Interrupted } from "./interrupted.js";

/** Asks the person at the terminal, line by line. */
export class Prompt {
	readonly #output: NodeJS.WriteStream;
	readonly #interface: Interface;
	readonly #interrupted: Promise<never>;
	#isHidden = false;

	/** @param output where questions are shown */
	constructor(output: NodeJS.WriteStream) {
		this.#output = output;
		const shown = new Writable({
			// What is typed comes this way, too.
			write: (text, _encoding, done) => {
				if (!this.#isHidden) output.write(text);
				done();
			},
		});
		this.#interface = createInterface({ input: process.stdin, output: shown, terminal: true });
		this.#interrupted = new Promise((_, reject) => {
			const stop = () => {
				output.write("\n");
				reject(new Interrupted("Interrupted: nothing was written."));
			};
			this.#interface.once("SIGINT", stop).once("close", stop);
		});
		// It may come when nothing is asked.
		this.#interrupted.catch(() => {});
	}

	/** @returns the line as it was typed @throws Interrupted */
	ask(question: string): Promise<string> {
		return Promise.race([this.#interface.question(question), this.#interrupted]);
	}

	/** The same; what is typed is not shown. */
	async askHidden(question: string): Promise<string> {
		this.#output.write(question);
		this.#isHidden = true;
		try {
			return await this.ask("");
		} finally {
			this.#isHidden = false;
			this.#output.write("\n");
		}
	}

	close(): void {
		this.#interface.removeAllListeners("close");
		this.#interface.close();
	}
}
