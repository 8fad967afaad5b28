/** Each request, its verdict and the reason: for `GET /requests` and the log. Holds no secret. */

import type { ExpectedSignature } from "../platforms/registration-refusal.js";

export type Transport = "http" | "https" | "mqtt" | "mqtts" | "mtls";

export interface JournalEntry {
	/** ISO 8601, UTC. */
	readonly time: string;
	readonly transport: Transport;
	/** A platform's registration (`Platform.operations`), "connect", "subscribe", "publish", "acknowledge" (a PUBACK of the board), "message", "disconnect", "tls", "http" */
	readonly operation: string;
	readonly product?: string;
	readonly device?: string;
	readonly verdict: "accepted" | "refused" | "closed";
	/** Of an accepted CONNECT: its TLS session is that of an earlier connection. */
	readonly resumed?: true;
	/** For people: what happened, the likely cause, what to do. */
	readonly reason: string;
	/** The number or name in the response. */
	readonly code?: number | string;
	/** Of a refused signature: what should have been signed. */
	readonly expected?: ExpectedSignature;
}

export type NewJournalEntry = Omit<JournalEntry, "time">;

/** Characters. Reasons quote topics and other text of a device. */
const maxReasonLength = 500;

/** The latest entries, oldest first. */
export class Journal {
	readonly #entries: JournalEntry[] = [];
	readonly #redact: (text: string) => string;
	readonly #onEntry: (entry: JournalEntry) => void;
	readonly #size: number;
	#oldest = 0;

	/**
	 * @param redact replaces secrets in a text: a device may send one in the wrong place (its product secret as its name)
	 * @param onEntry called with each new entry
	 * @param size how many entries are kept
	 */
	constructor(redact: (text: string) => string, onEntry: (entry: JournalEntry) => void = () => {}, size = 1000) {
		this.#redact = redact;
		this.#onEntry = onEntry;
		this.#size = size;
	}

	record(entry: NewJournalEntry): void {
		// Cut before the search for secrets, which takes long in a long text, and not within the first that may be shown.
		const redacted = this.#redacted({ ...entry, reason: entry.reason.slice(0, 2 * maxReasonLength) });
		const { reason } = redacted;
		const cut = reason.length > maxReasonLength ? `${reason.slice(0, maxReasonLength)}…` : reason;
		const clean = { time: new Date().toISOString(), ...redacted, reason: cut };
		if (this.#entries.length < this.#size) this.#entries.push(clean);
		else {
			this.#entries[this.#oldest] = clean;
			this.#oldest = (this.#oldest + 1) % this.#size;
		}
		this.#onEntry(clean);
	}

	entries(): JournalEntry[] {
		return [...this.#entries.slice(this.#oldest), ...this.#entries.slice(0, this.#oldest)];
	}

	clear(): void {
		this.#entries.length = 0;
		this.#oldest = 0;
	}

	#redacted(entry: NewJournalEntry): NewJournalEntry {
		const redact = this.#redact;
		const { product, device, reason, expected } = entry;
		return {
			...entry,
			...(product !== undefined && { product: redact(product) }),
			...(device !== undefined && { device: redact(device) }),
			reason: redact(reason),
			...(expected && { expected: { ...expected, stringToSign: redact(expected.stringToSign) } }),
		};
	}
}
