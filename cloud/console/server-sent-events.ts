/**
 * The stream of events as server-sent events (WHATWG HTML, section 9.2). The id of an event is `epoch-seq`.
 *
 * A client that comes back with `Last-Event-ID` gets what it has missed. `reset` says that this is not possible: the
 * cloud has been started again, or too much has happened meanwhile.
 */

import type { ServerResponse } from "node:http";
import type { EventStream } from "./event-stream.js";
import type { Fleet } from "./fleet.js";

/** Milliseconds: keeps proxies and dead connections from waiting. */
const heartbeat = 15_000;
/** Characters written at a time. */
const chunkSize = 64 * 1024;
/** The most readers at a time: a page has one. */
export const maxReaders = 64;

export class EventReaders {
	readonly #events: EventStream;
	readonly #fleet: Fleet;
	readonly #readers = new Set<Reader>();
	#timer: NodeJS.Timeout | undefined;
	#seconds = 0;

	constructor(events: EventStream, fleet: Fleet) {
		this.#events = events;
		this.#fleet = fleet;
	}

	get count(): number {
		return this.#readers.size;
	}

	/** @param lastId what the client has got last; undefined for only what happens from now on */
	add(response: ServerResponse, lastId: string | undefined): void {
		const reader = new Reader(this.#events, response, lastId);
		this.#readers.add(reader);
		// Only while someone reads: a cloud without readers has no timer.
		this.#timer ??= setInterval(() => this.#tick(), 1000).unref();
		response.once("close", () => {
			reader.close();
			this.#readers.delete(reader);
			if (this.#readers.size > 0) return;
			clearInterval(this.#timer);
			this.#timer = undefined;
		});
	}

	/** The last second of the fleet: not numbered, since the next one replaces it. */
	#tick(): void {
		this.#seconds++;
		const text = `event: fleet\ndata: ${JSON.stringify(this.#fleet.history(1)[0])}\n\n`;
		for (const reader of this.#readers) {
			reader.send(text);
			if (this.#seconds % (heartbeat / 1000) === 0) reader.send(":\n\n");
		}
	}
}

/** Sends as fast as the client reads, and keeps nothing for it but its place in the stream. */
class Reader {
	readonly #events: EventStream;
	readonly #response: ServerResponse;
	readonly #stop: () => void;
	#sent: number;
	#waiting = false;

	constructor(events: EventStream, response: ServerResponse, lastId: string | undefined) {
		this.#events = events;
		this.#response = response;
		const [, epoch, seq] = /^(\w+)-(\d{1,15})$/.exec(lastId ?? "") ?? [];
		const last = Number(seq);
		const known = epoch === events.epoch && last >= events.first - 1 && last <= events.last;
		this.#sent = known ? last : events.last;
		response.write(`retry: 1000\n\n${this.#control(lastId === undefined || known ? "hello" : "reset")}`);
		response.on("drain", () => {
			this.#waiting = false;
			this.#pump();
		});
		this.#stop = events.listen(() => this.#pump());
		this.#pump();
	}

	close(): void {
		this.#stop();
	}

	/** Something that may be left out for a client that does not keep up. */
	send(text: string): void {
		if (!this.#waiting && !this.#response.destroyed) this.#waiting = !this.#response.write(text);
	}

	#control(name: "hello" | "reset"): string {
		const { epoch } = this.#events;
		return `id: ${epoch}-${this.#sent}\nevent: ${name}\ndata: ${JSON.stringify({ epoch, last: this.#sent })}\n\n`;
	}

	#pump(): void {
		while (!this.#waiting && !this.#response.destroyed && this.#sent < this.#events.last) {
			let text = "";
			if (this.#sent + 1 < this.#events.first) {
				this.#sent = this.#events.last;
				text = this.#control("reset");
			}
			while (this.#sent < this.#events.last && text.length < chunkSize) {
				const event = this.#events.at(++this.#sent);
				text += `id: ${this.#events.epoch}-${this.#sent}\ndata: ${JSON.stringify(event)}\n\n`;
			}
			this.#waiting = !this.#response.write(text);
		}
	}
}
