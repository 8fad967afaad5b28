import type { Time } from "@dynreg/node";
import type { Clock, Milliseconds, Timers } from "dynreg/contracts/host";

interface Due {
	readonly at: Milliseconds;
	readonly action: () => void;
}

/**
 * A time that passes when it is told to, for boards whose waiting takes none.
 *
 * On top of a real time, for boards with real servers: that passes as well, and what is due is due in it.
 */
export class VirtualTime implements Time {
	readonly #real: Time | undefined;
	#passed: Milliseconds = 0;
	#due: Due[] = [];

	constructor(real?: Time) {
		this.#real = real;
	}

	now(): Milliseconds {
		return this.#passed + (this.#real?.now() ?? 0);
	}

	/** What is due at the same moment comes in the order in which it was asked for. */
	after(delay: Milliseconds, action: () => void): () => void {
		if (this.#real !== undefined) return this.#real.after(delay, action);
		const due = { at: this.#passed + delay, action };
		const index = this.#due.findIndex(({ at }) => at > due.at);
		this.#due.splice(index < 0 ? this.#due.length : index, 0, due);
		return () => {
			this.#due = this.#due.filter((each) => each !== due);
		};
	}

	/** Goes on by so much. */
	pass(duration: Milliseconds): void {
		this.#passed += duration;
	}

	/** Goes on to what is due next, and does it. */
	next(): void {
		const due = this.#due.shift();
		if (due === undefined) throw new Error("nothing will ever happen any more");
		this.#passed = due.at;
		due.action();
	}
}

/** @param beginning what it reads at the beginning of this time: UTC in milliseconds since 1970 */
export function virtualClock(time: VirtualTime, beginning: Milliseconds): Clock {
	let offset = beginning;
	return {
		now: () => offset + time.now(),
		set(now) {
			offset = now - time.now();
		},
		async sync() {},
		ticks: () => time.now(),
	};
}

export interface SkippedSleeps {
	/** Called in each sleep, which lasts no longer than this does. */
	readonly during?: (duration: Milliseconds) => unknown;
	/** Once it is aborted nobody wakes up any more. */
	readonly power?: AbortSignal;
}

/** Sleeps that take no time, and let it pass. Who sleeps wakes up after all messages that are on their way in this process. */
export function skippedSleeps(time: VirtualTime, { during, power }: SkippedSleeps = {}): Timers {
	return {
		async sleep(duration) {
			time.pass(duration);
			await during?.(duration);
			for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
			if (power?.aborted) await new Promise(() => {});
		},
	};
}
