import { performance } from "node:perf_hooks";
import type { Milliseconds } from "dynreg/contracts/host";

/** What sleeps, deadlines and `ticks` of a board are measured in. */
export interface Time {
	/** Since some moment in the past. Never jumps. */
	now(): Milliseconds;
	/**
	 * Calls `action` once, not before `delay` is over.
	 *
	 * @returns cancels it
	 */
	after(delay: Milliseconds, action: () => void): () => void;
}

/** As on a board. */
export const realTime: Time = {
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
				Math.ceil(end - performance.now()),
			);
		};
		wait();
		return () => clearTimeout(timer);
	},
};

/** @param timeScale how many seconds of it pass in a real one, or itself. Default: 1 */
export function boardTime(timeScale: number | Time = realTime): Time {
	return typeof timeScale === "number" ? scaledTime(timeScale) : timeScale;
}

/** Real milliseconds between two looks at what is due. */
const step: Milliseconds = 5;

export interface ScaledTimeOptions {
	/**
	 * Real milliseconds that one turn of the event loop counts for at most. Default: 10. Then a machine that is busy
	 * slows this time down with everything else in the process, and a deadline of 10 s at a scale of 20 leaves at
	 * least 50 turns for what it is about, however long they take. `Infinity` keeps pace with time elsewhere.
	 */
	readonly longestStep?: Milliseconds;
}

/**
 * A time that runs faster, for tests. All that meet in a test should share one: boards, and the local cloud.
 *
 * @param scale how many seconds of it pass in a real one
 * @throws RangeError unless `scale` is above 0
 */
export function scaledTime(scale: number, { longestStep = 10 }: ScaledTimeOptions = {}): Time {
	if (!(scale > 0 && Number.isFinite(scale))) throw new RangeError(`a time's scale is above 0, not ${scale}`);
	return new ScaledTime(scale, longestStep);
}

interface Pending {
	readonly at: Milliseconds;
	readonly action: () => void;
}

class ScaledTime implements Time {
	readonly #scale: number;
	readonly #longestStep: Milliseconds;
	/** In order. */
	#pending: Pending[] = [];
	#now: Milliseconds = 0;
	#looked = performance.now();
	#isDriven = false;

	constructor(scale: number, longestStep: Milliseconds) {
		this.#scale = scale;
		this.#longestStep = longestStep;
	}

	now(): Milliseconds {
		const real = performance.now();
		const passed = real - this.#looked;
		this.#looked = real;
		// While nothing is waited for nobody looks, and all of it counts.
		this.#now += this.#scale * (this.#isDriven ? Math.min(passed, this.#longestStep) : passed);
		return this.#now;
	}

	after(delay: Milliseconds, action: () => void): () => void {
		const pending = { at: this.now() + delay, action };
		const index = this.#pending.findIndex(({ at }) => at > pending.at);
		this.#pending.splice(index < 0 ? this.#pending.length : index, 0, pending);
		if (!this.#isDriven) {
			this.#isDriven = true;
			setTimeout(() => this.#look(), step);
		}
		return () => {
			this.#pending = this.#pending.filter((each) => each !== pending);
		};
	}

	/** One at a time, so that what comes of it comes first. */
	#look(): void {
		const [first] = this.#pending;
		if (first === undefined) this.#isDriven = false;
		else if (first.at > this.now()) setTimeout(() => this.#look(), step);
		else {
			this.#pending.shift();
			setImmediate(() => this.#look());
			first.action();
		}
	}
}
