/** Connections a second and devices online over the last minutes. */

/** One second. */
export interface FleetSecond {
	/** Seconds since 1970. */
	readonly at: number;
	/** Accepted CONNECTs within it. */
	readonly connections: number;
	/** Sessions at its end. */
	readonly online: number;
}

/** Seconds that are kept. */
export const fleetSeconds = 600;

export class Fleet {
	readonly #now: () => number;
	/** Seconds in which something changed, in their order. */
	#changes: { readonly at: number; connections: number; online: number }[] = [];
	/** Sessions before the first of them. */
	#before = 0;

	/** @param now milliseconds since 1970 */
	constructor(now: () => number = Date.now) {
		this.#now = now;
	}

	/** @param online how many sessions there are now. @param connected one of them is new */
	sessions(online: number, connected: boolean): void {
		const at = Math.floor(this.#now() / 1000);
		const latest = this.#changes.at(-1);
		// A clock that was set back: the second stays the latest one.
		if (latest && latest.at >= at) {
			latest.online = online;
			latest.connections += connected ? 1 : 0;
			return;
		}
		this.#changes.push({ at, online, connections: connected ? 1 : 0 });
		const kept = this.#changes.findIndex((change) => change.at > at - fleetSeconds);
		if (kept > 0) this.#before = this.#changes.splice(0, kept).at(-1)?.online ?? this.#before;
	}

	/** The last ten minutes up to the latest complete second, each second, oldest first. */
	history(seconds = fleetSeconds): FleetSecond[] {
		const now = Math.floor(this.#now() / 1000);
		const result: FleetSecond[] = [];
		let index = 0;
		let online = this.#before;
		for (let at = now - seconds; at < now; at++) {
			let connections = 0;
			for (let change = this.#changes[index]; change && change.at <= at; change = this.#changes[++index]) {
				online = change.online;
				if (change.at === at) connections = change.connections;
			}
			result.push({ at, connections, online });
		}
		return result;
	}
}
