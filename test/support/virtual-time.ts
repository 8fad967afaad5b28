import type { TimeSource } from "@dynreg/node";
import type { Clock, Milliseconds, Timers } from "dynreg/contracts/host";

interface ScheduledAction {
	readonly at: Milliseconds;
	readonly action: () => void;
}

/**
 * A time that passes when it is told to, for boards whose waiting takes none.
 *
 * On top of a real time, for boards with real servers: that passes as well, and timers expire in it.
 */
export class VirtualTime implements TimeSource {
	readonly #real: TimeSource | undefined;
	#passed: Milliseconds = 0;
	#due: ScheduledAction[] = [];

	constructor(real?: TimeSource) {
		this.#real = real;
	}

	now(): Milliseconds {
		return this.#passed + (this.#real?.now() ?? 0);
	}

	/** Timers of the same moment fire in the order in which they were set. */
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
	advance(duration: Milliseconds): void {
		this.#passed += duration;
	}

	/** Advances to the next timer, and fires it. */
	runNext(): void {
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

export interface SkippedSleepsOptions {
	/** Called for each timer, which fires once what it returns has settled. */
	readonly onSleep?: (duration: Milliseconds) => unknown;
	/** Once it is aborted no timer fires any more. */
	readonly power?: AbortSignal;
}

/** Timers that take no time, and let it pass. They fire after all messages that are on their way in this process. */
export function skippedSleeps(time: VirtualTime, { onSleep, power }: SkippedSleepsOptions = {}): Timers {
	return {
		after(duration, action) {
			let isCancelled = false;
			const fire = async () => {
				time.advance(duration);
				await onSleep?.(duration);
				for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
				if (!isCancelled && !power?.aborted) action();
			};
			fire();
			return () => {
				isCancelled = true;
			};
		},
	};
}

/** The same timers, and how many of them have neither fired nor been cancelled. */
export function countedTimers(timers: Timers): { readonly timers: Timers; left(): number } {
	const left = new Set<object>();
	return {
		timers: {
			after(duration, action) {
				const timer = {};
				left.add(timer);
				const cancel = timers.after(duration, () => {
					left.delete(timer);
					action();
				});
				return () => {
					left.delete(timer);
					cancel();
				};
			},
		},
		left: () => left.size,
	};
}
