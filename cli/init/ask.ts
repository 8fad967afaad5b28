import { createInterface, type Interface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Question } from "./answers.js";

/** The person has pressed Ctrl-C or ended the input: nothing is to be written. */
export class Interrupted extends Error {}

/** Asks the person at the terminal. */
export class Terminal {
	readonly #interface: Interface;
	readonly #gone: Promise<never>;
	#silent = false;

	constructor() {
		const output = new Writable({
			write: (text, _encoding, done) => {
				if (!this.#silent) process.stdout.write(text);
				done();
			},
		});
		this.#interface = createInterface({ input: process.stdin, output, terminal: true });
		this.#gone = new Promise((_, reject) => {
			const stop = () => reject(new Interrupted("interrupted: nothing has been written"));
			this.#interface.once("SIGINT", stop).once("close", stop);
		});
		// It may come when nobody asks.
		this.#gone.catch(() => {});
	}

	/** @throws Interrupted */
	async ask({ text, choices, otherwise }: Question): Promise<string> {
		const among = choices ? ` (${choices.join(", ")})` : "";
		const unless = otherwise ? ` [${otherwise}]` : "";
		const answer = await this.#line(`${text}${among}${unless}: `);
		return answer || (otherwise ?? "");
	}

	/** What is typed is not shown. @throws Interrupted */
	async askSecret(text: string): Promise<string> {
		process.stdout.write(`${text} (not shown): `);
		this.#silent = true;
		try {
			return await this.#line("");
		} finally {
			this.#silent = false;
			process.stdout.write("\n");
		}
	}

	/** @throws Interrupted */
	async #line(prompt: string): Promise<string> {
		return (await Promise.race([this.#interface.question(prompt), this.#gone])).trim();
	}

	tell(sentence: string): void {
		process.stdout.write(`  ${sentence}\n`);
	}

	close(): void {
		this.#interface.close();
	}
}
