/** Each request, its verdict and the reason: for `GET /requests` and the log. Holds no secret. */

import type { ExpectedSignature } from "../platforms/refusal.js";

export type Transport = "http" | "https" | "mqtt" | "mqtts" | "mutual";

export interface Entry {
	/** ISO 8601, UTC. */
	readonly time: string;
	readonly transport: Transport;
	/** A platform's registration (`Platform.operations`), "connect", "subscribe", "publish", "disconnect", "tls", "http" */
	readonly operation: string;
	readonly product?: string;
	readonly device?: string;
	readonly verdict: "accepted" | "refused" | "closed";
	/** For people: what happened, the likely cause, what to do. */
	readonly reason: string;
	/** The number or name in the response. */
	readonly code?: number | string;
	/** Of a refused signature: what should have been signed. */
	readonly expected?: ExpectedSignature;
}

export type NewEntry = Omit<Entry, "time">;

/** Characters. Reasons quote topics and other text of a device. */
const maxReasonLength = 500;

/** The latest entries, oldest first. */
export class Journal {
	readonly #entries: Entry[] = [];
	readonly #secrets: (entry: NewEntry) => Iterable<string>;
	readonly #onEntry: (entry: Entry) => void;
	readonly #size: number;
	#oldest = 0;

	/**
	 * @param secrets of the entry's device, which it may have sent in the wrong place (its product secret as its name)
	 * @param onEntry called with each new entry
	 * @param size how many entries are kept
	 */
	constructor(secrets: (entry: NewEntry) => Iterable<string>, onEntry: (entry: Entry) => void = () => {}, size = 1000) {
		this.#secrets = secrets;
		this.#onEntry = onEntry;
		this.#size = size;
	}

	record(entry: NewEntry): void {
		const redacted = this.#redacted(entry);
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

	entries(): Entry[] {
		return [...this.#entries.slice(this.#oldest), ...this.#entries.slice(0, this.#oldest)];
	}

	clear(): void {
		this.#entries.length = 0;
		this.#oldest = 0;
	}

	#redacted(entry: NewEntry): NewEntry {
		const secrets = [...this.#secrets(entry)];
		const redact = (text: string): string =>
			secrets.reduce((clean, secret) => clean.replaceAll(secret, "[secret]"), text);
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
