/** What the console shows live: the parts of the cloud report here what happens. */

import { isUtf8 } from "node:buffer";
import type { JournalEntry } from "../server/journal.js";
import { EventStream } from "./event-stream.js";
import { Fleet } from "./fleet.js";

/** Characters of a payload that are kept. */
export const maxPayload = 2048;

/** What the broker reports of its sessions. */
export interface SessionObserver {
	message(product: string, device: string, direction: "up" | "down", topic: string, payload: Buffer | string): void;
	/** @param online how many there are now. @param connected one of them is new */
	sessions(online: number, connected: boolean): void;
}

export class Activity implements SessionObserver {
	readonly events = new EventStream();
	readonly fleet = new Fleet();
	readonly #redact: (text: string) => string;

	/** @param redact replaces secrets in a text: a device may publish one */
	constructor(redact: (text: string) => string) {
		this.#redact = redact;
	}

	/** @param entry redacted already */
	journal(entry: JournalEntry): void {
		this.events.record({ type: "journal", ...entry });
	}

	message(product: string, device: string, direction: "up" | "down", topic: string, payload: Buffer | string): void {
		const bytes = Buffer.from(payload as string);
		const binary = !isUtf8(bytes);
		// Twice as much is searched for secrets: no secret is cut in two before that.
		const text = binary
			? bytes.subarray(0, maxPayload).toString("hex")
			: bytes
					.subarray(0, 8 * maxPayload)
					.toString("utf8")
					.slice(0, 2 * maxPayload);
		this.events.record({
			type: "message",
			time: new Date().toISOString(),
			product,
			device,
			direction,
			topic: this.#redact(topic),
			payload: copied(this.#redact(text).slice(0, maxPayload)),
			...(binary && { binary }),
			bytes: bytes.length,
		});
	}

	sessions(online: number, connected: boolean): void {
		this.fleet.sessions(online, connected);
	}

	/** An operation of the administration was carried out. */
	changed(method: string, path: string): void {
		this.events.record({ type: "change", time: new Date().toISOString(), method, path });
	}
}

/** A part of a string keeps all of it in memory. */
function copied(text: string): string {
	return Buffer.from(text, "utf16le").toString("utf16le");
}
