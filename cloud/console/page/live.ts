/** The stream of events: one connection a page, each event once, in order. */

import type { CloudEvent, FleetSecond } from "./types.js";

export type Connection = "connecting" | "live" | "lost";

type Listener = (events: readonly CloudEvent[]) => void;

/** Milliseconds. A burst of events is shown at once. */
const batchTime = 100;
/** Events of one batch; after more than that, views load again. */
const maxBatch = 2000;
/** Milliseconds until a refused connection is tried again. */
const retryTime = 2000;

export class LiveEvents {
	readonly #listeners = new Set<Listener>();
	readonly #resetListeners = new Set<() => void>();
	readonly #fleetListeners = new Set<(second: FleetSecond) => void>();
	readonly #connectionListeners = new Set<(connection: Connection) => void>();
	#source: EventSource | undefined;
	#epoch = "";
	#last = 0;
	#batch: CloudEvent[] = [];
	#timer: ReturnType<typeof setTimeout> | undefined;
	#connection: Connection = "connecting";

	/** What has arrived so far: for tests, and for people who look into the console of their browser. */
	get last(): number {
		return this.#last;
	}

	get connection(): Connection {
		return this.#connection;
	}

	open(): void {
		const after = this.#epoch === "" ? "" : `?after=${this.#epoch}-${this.#last}`;
		const source = new EventSource(`/events${after}`);
		this.#source = source;
		source.addEventListener("hello", (event) => this.#begin(event, false));
		source.addEventListener("reset", (event) => this.#begin(event, true));
		source.addEventListener("fleet", (event) => {
			const second = JSON.parse((event as { data?: string }).data ?? "null") as FleetSecond | null;
			if (second) for (const listener of this.#fleetListeners) listener(second);
		});
		source.onmessage = ({ data }) => this.#received(JSON.parse(data) as CloudEvent);
		source.onerror = () => {
			this.#setConnection("lost");
			// The browser itself tries again, unless the cloud has refused.
			if (source.readyState !== EventSource.CLOSED) return;
			source.close();
			setTimeout(() => this.open(), retryTime);
		};
	}

	close(): void {
		this.#source?.close();
	}

	onEvents(listener: Listener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Called when events may have been missed: everything has to be loaded again. */
	onReset(listener: () => void): () => void {
		this.#resetListeners.add(listener);
		return () => this.#resetListeners.delete(listener);
	}

	onFleet(listener: (second: FleetSecond) => void): () => void {
		this.#fleetListeners.add(listener);
		return () => this.#fleetListeners.delete(listener);
	}

	onConnection(listener: (connection: Connection) => void): () => void {
		this.#connectionListeners.add(listener);
		return () => this.#connectionListeners.delete(listener);
	}

	#begin(event: Event, isReset: boolean): void {
		const { epoch, last } = JSON.parse((event as unknown as { data: string }).data) as { epoch: string; last: number };
		const isOther = this.#epoch !== "" && epoch !== this.#epoch;
		this.#epoch = epoch;
		if (isReset || isOther || this.#last === 0) this.#last = last;
		this.#setConnection("live");
		if (isReset || isOther) this.#reset();
	}

	#reset(): void {
		this.#batch = [];
		for (const listener of this.#resetListeners) listener();
	}

	#received(event: CloudEvent): void {
		if (event.seq <= this.#last) return;
		this.#last = event.seq;
		this.#batch.push(event);
		this.#timer ??= setTimeout(() => this.#deliver(), batchTime);
	}

	#deliver(): void {
		this.#timer = undefined;
		const batch = this.#batch;
		this.#batch = [];
		if (batch.length > maxBatch) this.#reset();
		else for (const listener of this.#listeners) listener(batch);
	}

	#setConnection(connection: Connection): void {
		if (this.#connection === connection) return;
		this.#connection = connection;
		for (const listener of this.#connectionListeners) listener(connection);
	}
}

export const live = new LiveEvents();
