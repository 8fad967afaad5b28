import Timer from "timer";
import type { Milliseconds } from "../../../modules/contracts/host.js";

/**
 * The promise's outcome, if it comes in time.
 *
 * @throws what `late` makes, once the deadline has passed
 */
export function within<T>(deadline: Milliseconds, promise: Promise<T>, late: () => unknown): Promise<T> {
	return new Promise((resolve, reject) => {
		const timer = Timer.set(() => reject(late()), Math.max(deadline, 0));
		promise.then(resolve, reject).finally(() => Timer.clear(timer));
	});
}
