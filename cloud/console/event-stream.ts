/**
 * Everything that happens in the cloud, in one numbered stream: for the console, and for other programs that watch.
 *
 * The latest events are kept, so that a reader who lost its connection continues where it was. Memory is bounded by
 * their number and by the characters of their payloads.
 */

import { randomUUID } from "node:crypto";
import type { JournalEntry } from "../server/journal.js";

/** A message between platform and device. */
export interface DeviceMessage {
	readonly product: string;
	readonly device: string;
	/** `up`: from the device. `down`: to the device. */
	readonly direction: "up" | "down";
	readonly topic: string;
	/** Text, or hexadecimal if `binary`; the first `maxPayload` characters. */
	readonly payload: string;
	readonly binary?: true;
	/** Bytes of the whole payload. */
	readonly bytes: number;
}

/** An operation of the administration has changed something. */
export interface Change {
	readonly method: string;
	/** As in the request: `/products/tencent/PRODUCT001`. */
	readonly path: string;
}

export type CloudEvent =
	| ({ readonly type: "journal"; readonly time: string } & JournalEntry)
	| ({ readonly type: "message"; readonly time: string } & DeviceMessage)
	| ({ readonly type: "change"; readonly time: string } & Change);

/** `seq` counts from 1 without a gap. */
export type NumberedEvent = CloudEvent & { readonly seq: number };

export interface EventLimits {
	readonly events: number;
	/** Characters of all payloads together. */
	readonly payloads: number;
}

export const eventLimits: EventLimits = { events: 5000, payloads: 4 * 1024 * 1024 };

export class EventStream {
	/** Another one after each start of the cloud: sequence numbers begin again. */
	readonly epoch = randomUUID().slice(0, 8);
	readonly #limits: EventLimits;
	readonly #listeners = new Set<() => void>();
	/** The kept events, in order; those before `#head` are dropped. */
	#events: NumberedEvent[] = [];
	#head = 0;
	#payloads = 0;
	#last = 0;

	constructor(limits: EventLimits = eventLimits) {
		this.#limits = limits;
	}

	/** The sequence number of the latest event, 0 before the first one. */
	get last(): number {
		return this.#last;
	}

	/** The sequence number of the oldest event that is kept. */
	get first(): number {
		return this.#last - this.size + 1;
	}

	/** How many events are kept. */
	get size(): number {
		return this.#events.length - this.#head;
	}

	record(event: CloudEvent): void {
		this.#events.push({ ...event, seq: ++this.#last });
		this.#payloads += payloadLength(event);
		while (this.size > this.#limits.events || (this.#payloads > this.#limits.payloads && this.size > 1)) {
			this.#payloads -= payloadLength(this.#events[this.#head] as NumberedEvent);
			this.#head++;
		}
		// Seldom, so that dropping the oldest event costs nothing on average.
		if (this.#head > this.#limits.events) {
			this.#events = this.#events.slice(this.#head);
			this.#head = 0;
		}
		for (const listener of this.#listeners) listener();
	}

	/** @returns the event, undefined if it is no longer or not yet there */
	at(seq: number): NumberedEvent | undefined {
		return seq < this.first ? undefined : this.#events[this.#head + seq - this.first];
	}

	/**
	 * @param before only older events than this one
	 * @returns the latest that match, the newest first
	 */
	latest(matches: (event: NumberedEvent) => boolean, limit: number, before = this.#last + 1): NumberedEvent[] {
		const found: NumberedEvent[] = [];
		for (let seq = Math.min(before - 1, this.#last); seq >= this.first && found.length < limit; seq--) {
			const event = this.at(seq) as NumberedEvent;
			if (matches(event)) found.push(event);
		}
		return found;
	}

	/** @param listener called after each event. @returns ends it */
	listen(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
}

function payloadLength(event: CloudEvent): number {
	return event.type === "message" ? event.payload.length : 0;
}
