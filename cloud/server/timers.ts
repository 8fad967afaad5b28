import { setTimeout as setTimeoutPromise } from "node:timers/promises";

/** A connection, or a response on one: emits `close` at its end. */
interface Closable {
	readonly destroyed: boolean;
	once(event: "close", listener: () => void): unknown;
}

/**
 * The delays that imitate a platform, in board time: late responses, time limits, restarts, keep-alive supervision.
 * A scale of 20 makes them 20 times shorter. Limits that protect the cloud itself (10 s for a handshake or a request)
 * stay in real time: a busy machine needs them.
 */
export class Timers {
	readonly #scale: number;

	/** @param scale how many seconds of board time pass in one real second. @throws Error unless it is above 0 */
	constructor(scale = 1) {
		if (!(scale > 0 && Number.isFinite(scale))) throw new Error(`timeScale must be a number above 0, not ${scale}`);
		this.#scale = scale;
	}

	/** @param boardTime in any unit. @returns the real duration, in the same unit */
	real(boardTime: number): number {
		return boardTime / this.#scale;
	}

	/**
	 * Calls `action` after a delay, unless the connection has closed by then. No timer outlives its connection, so a
	 * cloud without connections has none.
	 *
	 * @param delay milliseconds of board time
	 */
	later(connection: Closable, delay: number, action: () => void): void {
		if (connection.destroyed) return;
		const timer = setTimeout(action, this.real(delay));
		connection.once("close", () => clearTimeout(timer));
	}

	/**
	 * @param delay milliseconds of board time
	 * @param signal ends the wait early, without an error
	 */
	async sleep(delay: number, signal: AbortSignal): Promise<void> {
		await setTimeoutPromise(this.real(delay), undefined, { signal }).catch(() => {});
	}
}

/** For delays that imitate nothing: time for bytes to leave this machine. */
export const realTime = new Timers();
