import { performance } from "node:perf_hooks";
import type { BoardEvent } from "dynreg/contracts/event";
import { print } from "../secrets/watch.js";

interface Told {
	readonly event: BoardEvent;
	/** Milliseconds. */
	readonly at: number;
}

type EventOf<Name extends BoardEvent["event"]> = Extract<BoardEvent, { readonly event: Name }>;

/** What a board tells, and when. */
export class Watched {
	readonly told: Told[] = [];
	readonly #watchers = new Set<() => void>();

	readonly onEvent = (event: BoardEvent): void => {
		this.told.push({ event, at: performance.now() });
		print(JSON.stringify(event));
		for (const watcher of this.#watchers) watcher();
	};

	/** What it went through, without the clock that may be set at any time. */
	steps(): string[] {
		return this.told.map(({ event }) => event.event).filter((event) => event !== "clock");
	}

	/**
	 * The next such event from the one at `from` on.
	 *
	 * @returns where it is in `told`, and itself
	 * @throws Error with all that the board has told when it does not come
	 */
	async next<Name extends BoardEvent["event"]>(
		name: Name,
		from: number,
		seconds: number,
	): Promise<{ readonly index: number; readonly event: EventOf<Name> }> {
		const found = (): number => this.told.findIndex(({ event }, index) => index >= from && event.event === name);
		const index = await new Promise<number>((resolve, reject) => {
			const look = (): void => {
				if (found() >= 0) done(() => resolve(found()));
			};
			const done = (end: () => void): void => {
				clearTimeout(timer);
				this.#watchers.delete(look);
				end();
			};
			const timer = setTimeout(
				() =>
					done(() => reject(new Error(`the board did not tell "${name}" within ${seconds} s:\n${this.toString()}`))),
				seconds * 1000,
			);
			this.#watchers.add(look);
			look();
		});
		return { index, event: this.told[index]?.event as EventOf<Name> };
	}

	/** Seconds between what it told at one place and at another. */
	between(first: number, second: number): number {
		return ((this.told[second]?.at ?? 0) - (this.told[first]?.at ?? 0)) / 1000;
	}

	toString(): string {
		return this.told.map(({ event, at }) => `${(at / 1000).toFixed(1)} ${JSON.stringify(event)}`).join("\n");
	}
}
