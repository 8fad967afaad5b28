import type { Milliseconds } from "dynreg/contracts/host";

interface Due {
	readonly at: Milliseconds;
	readonly what: () => void;
}

/** A time that passes when it is told to. */
export class VirtualTime {
	#now: Milliseconds = 0;
	readonly #due: Due[] = [];

	get now(): Milliseconds {
		return this.#now;
	}

	/** What is due at the same moment comes in the order in which it was asked for. */
	after(delay: Milliseconds, what: () => void): void {
		const at = this.#now + delay;
		const index = this.#due.findIndex((each) => each.at > at);
		this.#due.splice(index < 0 ? this.#due.length : index, 0, { at, what });
	}

	/** Goes on to what is due next, and does it. */
	next(): void {
		const due = this.#due.shift();
		if (due === undefined) throw new Error("nothing will ever happen any more");
		this.#now = due.at;
		due.what();
	}
}
