import { performance } from "node:perf_hooks";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Milliseconds } from "dynreg/contracts/host";

interface NamedEvent {
	readonly event: string;
}

/** The event of this name. */
export type EventOf<Name extends E["event"], E extends NamedEvent = BoardEvent> = Extract<E, { readonly event: Name }>;

export interface LogEntry<E> {
	/** Its place in the log. */
	readonly index: number;
	readonly event: E;
	/** When it was appended, by `performance.now()` or the log's own clock. */
	readonly at: Milliseconds;
}

export interface WaitOptions {
	/** Number of entries to skip. Default: 0, which includes past events. */
	readonly after?: number | undefined;
	/** Milliseconds. Default: until the log ends. */
	readonly timeout?: Milliseconds | undefined;
}

/** A wait for an event has failed. `message` names the event and lists the log. */
export class WaitError extends Error {
	readonly reason: "timeout" | "ended";

	constructor(reason: "timeout" | "ended", message: string) {
		super(message);
		this.name = "WaitError";
		this.reason = reason;
	}
}

/**
 * The events of a board in order, with waiting.
 *
 * @example
 * const log = new EventLog();
 * const board = startBoard({ configuration, onEvent: log.append });
 * const { index } = await log.waitFor("online", { timeout: 10_000 });
 * await log.waitFor("offline", { after: index + 1 });
 */
export class EventLog<E extends NamedEvent = BoardEvent> {
	readonly #entries: LogEntry<E>[] = [];
	readonly #waiting = new Set<() => void>();
	readonly #now: () => Milliseconds;
	#endReason: string | undefined;

	/** @param now the clock of `LogEntry.at` */
	constructor(now: () => Milliseconds = () => performance.now()) {
		this.#now = now;
	}

	get entries(): readonly LogEntry<E>[] {
		return this.#entries;
	}

	/** Why the log has ended; undefined while it has not. */
	get endReason(): string | undefined {
		return this.#endReason;
	}

	/** Bound, so it can be passed: `onEvent: log.append`. */
	readonly append = (event: E): void => {
		this.#entries.push({ index: this.#entries.length, event, at: this.#now() });
		for (const check of [...this.#waiting]) check();
	};

	/**
	 * Ends the log: pending and later waits fail.
	 *
	 * @param reason for people
	 */
	end(reason: string): void {
		this.#endReason ??= reason;
		for (const check of [...this.#waiting]) check();
	}

	/**
	 * The first event of this name, or that matches a predicate.
	 *
	 * @throws WaitError with all events so far, on a timeout or when the log has ended
	 */
	waitFor<const Name extends E["event"]>(name: Name, options?: WaitOptions): Promise<LogEntry<EventOf<Name, E>>>;
	waitFor(predicate: (event: E) => boolean, options?: WaitOptions): Promise<LogEntry<E>>;
	waitFor(
		condition: string | ((event: E) => boolean),
		{ after = 0, timeout }: WaitOptions = {},
	): Promise<LogEntry<never> | LogEntry<E>> {
		const matches = typeof condition === "string" ? ({ event }: E) => event === condition : condition;
		const description = typeof condition === "string" ? `"${condition}"` : "such event";
		let next = after;
		return new Promise((resolve, reject) => {
			let timer: ReturnType<typeof setTimeout> | undefined;
			const settle = (action: () => void): void => {
				clearTimeout(timer);
				this.#waiting.delete(check);
				action();
			};
			const fail = (reason: WaitError["reason"], why: string): void =>
				settle(() => reject(new WaitError(reason, `no ${description} ${why}; the board reported:\n${this}`)));
			const check = (): void => {
				const fresh = this.#entries.slice(next);
				next = this.#entries.length;
				const found = fresh.find(({ event }) => matches(event));
				if (found !== undefined) settle(() => resolve(found));
				else if (this.#endReason !== undefined) fail("ended", `before the end (${this.#endReason})`);
			};
			if (timeout !== undefined) timer = setTimeout(() => fail("timeout", `within ${timeout / 1000} s`), timeout);
			this.#waiting.add(check);
			check();
		});
	}

	/** One line for each event, with seconds. */
	toString(): string {
		return this.#entries.map(({ event, at }) => `${(at / 1000).toFixed(1)} ${JSON.stringify(event)}`).join("\n");
	}
}
