import { performance } from "node:perf_hooks";
import type { Milliseconds } from "dynreg/contracts/host";

/** The time of a board's sleeps, deadlines and `ticks`. */
export interface TimeSource {
	/** Monotonic. */
	now(): Milliseconds;
	/**
	 * Calls `action` once, not before `delay` has passed.
	 *
	 * @returns a function that cancels it
	 */
	after(delay: Milliseconds, action: () => void): () => void;
}

/** As on a board. */
export const realTime: TimeSource = {
	now: () => performance.now(),
	after(delay, action) {
		const end = performance.now() + delay;
		let timer: NodeJS.Timeout;
		const wait = (): void => {
			timer = setTimeout(
				() => {
					// Node's timers may fire up to a millisecond early.
					if (performance.now() < end) wait();
					else action();
				},
				// A longer delay would fire at once.
				Math.min(Math.ceil(end - performance.now()), 2 ** 31 - 1),
			);
		};
		wait();
		return () => clearTimeout(timer);
	},
};

/** @param timeScale seconds of board time in one real second, or a time source. Default: 1 */
export function boardTime(timeScale: number | TimeSource = realTime): TimeSource {
	return typeof timeScale === "number" ? scaledTime(timeScale) : timeScale;
}

/** Real milliseconds between two checks for expired timers. */
const pollInterval: Milliseconds = 5;

export interface ScaledTimeOptions {
	/**
	 * Maximum real milliseconds that one turn of the event loop counts for. Default: 10. A busy machine then slows this time
	 * down: a deadline of 10 s at a scale of 20 leaves at least 50 turns, however long they take. `Infinity` keeps pace with
	 * real time.
	 */
	readonly longestStep?: Milliseconds;
}

/**
 * A time that runs faster, for tests. All boards and the local cloud of a test should share one.
 *
 * @param scale seconds of this time in one real second
 * @throws RangeError unless `scale` is above 0
 * @example
 * const time = scaledTime(20);
 * const cloud = await startCloud({ timeScale: time });
 * const board = startBoard({ configuration, timeScale: time, onEvent });
 */
export function scaledTime(scale: number, { longestStep = 10 }: ScaledTimeOptions = {}): TimeSource {
	if (!(scale > 0 && Number.isFinite(scale)))
		throw new RangeError(`timeScale is invalid: ${scale}. Expected a number above 0.`);
	return new ScaledTime(scale, longestStep);
}

interface Pending {
	readonly at: Milliseconds;
	readonly action: () => void;
}

class ScaledTime implements TimeSource {
	readonly #scale: number;
	readonly #longestStep: Milliseconds;
	/** In order. */
	#pending: Pending[] = [];
	#now: Milliseconds = 0;
	#lastRead = performance.now();
	#isRunning = false;

	constructor(scale: number, longestStep: Milliseconds) {
		this.#scale = scale;
		this.#longestStep = longestStep;
	}

	now(): Milliseconds {
		const real = performance.now();
		const passed = real - this.#lastRead;
		this.#lastRead = real;
		// Without timers there are no checks, and all of the time counts.
		this.#now += this.#scale * (this.#isRunning ? Math.min(passed, this.#longestStep) : passed);
		return this.#now;
	}

	after(delay: Milliseconds, action: () => void): () => void {
		const pending = { at: this.now() + delay, action };
		const index = this.#pending.findIndex(({ at }) => at > pending.at);
		this.#pending.splice(index < 0 ? this.#pending.length : index, 0, pending);
		if (!this.#isRunning) {
			this.#isRunning = true;
			setTimeout(() => this.#runDue(), pollInterval);
		}
		return () => {
			this.#pending = this.#pending.filter((each) => each !== pending);
		};
	}

	/** One at a time, so that its consequences run first. */
	#runDue(): void {
		const [first] = this.#pending;
		if (first === undefined) this.#isRunning = false;
		else if (first.at > this.now()) setTimeout(() => this.#runDue(), pollInterval);
		else {
			this.#pending.shift();
			setImmediate(() => this.#runDue());
			first.action();
		}
	}
}
