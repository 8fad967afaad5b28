import { performance } from "node:perf_hooks";

/** A connection, or a response on one: emits `close` at its end. */
interface Closable {
	readonly destroyed: boolean;
	once(event: "close", listener: () => void): unknown;
	off(event: "close", listener: () => void): unknown;
}

/** What board time is read from: `scaledTime` of @dynreg/node, say. Milliseconds. */
export interface BoardTime {
	/** Monotonic. */
	now(): number;
	/** Calls `action` once. @returns cancels it */
	after(delay: number, action: () => void): () => void;
}

/**
 * The delays that imitate a platform, in board time: late responses, time limits, restarts, keep-alive supervision.
 * A scale of 20 makes them 20 times shorter. Limits that protect the cloud itself (10 s for a handshake or a request)
 * stay in real time: a busy machine needs them.
 */
export class Timers {
	readonly #time: BoardTime;

	/**
	 * @param timeScale how many seconds of board time pass in one real second, or board time itself
	 * @throws Error unless it is above 0
	 */
	constructor(timeScale: number | BoardTime = 1) {
		this.#time = typeof timeScale === "number" ? scaled(timeScale) : timeScale;
	}

	/** Milliseconds of board time since some moment in the past. */
	now(): number {
		return this.#time.now();
	}

	/**
	 * Calls `action` after a delay, unless the connection has closed by then. No timer outlives its connection, so a
	 * cloud without connections has none.
	 *
	 * @param delay milliseconds of board time
	 */
	later(connection: Closable, delay: number, action: () => void): void {
		if (connection.destroyed) return;
		const cancel = this.#time.after(delay, () => {
			connection.off("close", cancel);
			action();
		});
		connection.once("close", cancel);
	}

	/**
	 * @param delay milliseconds of board time
	 * @param signal ends the wait early, without an error
	 */
	async sleep(delay: number, signal: AbortSignal): Promise<void> {
		if (signal.aborted) return;
		await new Promise<void>((resolve) => {
			const cancel = this.#time.after(delay, resolve);
			signal.addEventListener("abort", () => {
				cancel();
				resolve();
			});
		});
	}
}

function scaled(scale: number): BoardTime {
	if (!(scale > 0 && Number.isFinite(scale)))
		throw new Error(`timeScale is invalid: ${scale}. Expected a number above 0.`);
	return {
		now: () => performance.now() * scale,
		after(delay, action) {
			const timer = setTimeout(action, delay / scale);
			return () => clearTimeout(timer);
		},
	};
}

/** For delays that imitate nothing: time for bytes to leave this machine. */
export const realTime = new Timers();
