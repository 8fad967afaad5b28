import { mkdir } from "node:fs/promises";
import { type Board, type BoardOptions, EventLog, type EventOf } from "@dynreg/node";
import type { BoardEvent } from "dynreg/contracts/event";
import { recordOutput } from "../secrets/watch.js";
import type { BoardHost } from "./board-hosts.js";

/** Real milliseconds for what is not waited for on purpose: a busy machine takes its time, and fails nothing. */
const defaultTimeout = 120_000;

type Name = BoardEvent["event"];
/** Every host of a board on a desktop adds the sentence to a failure. */
type EventWithMessage<Wanted extends Name> = EventOf<Wanted> &
	(Wanted extends "failed" | "offline" ? { readonly message: string } : unknown);

export interface TestBoardOptions extends Pick<BoardOptions, "configuration" | "store" | "now"> {
	/** The event at which its power goes. */
	readonly until?: Name;
}

export interface WaitOptions {
	/** How many events to skip. */
	readonly after?: number;
	/** Board time until it comes, at most, where that is waited for on purpose. */
	readonly seconds?: number;
}

/** A board on any host, in this process, and all that it says. */
export class TestBoard {
	/** In board time. */
	readonly log: EventLog;
	readonly #host: BoardHost;
	#board: Board | undefined;
	#isOff = false;

	static async start(host: BoardHost, { until, ...options }: TestBoardOptions): Promise<TestBoard> {
		const { store } = options;
		if (store !== undefined && host.flash === "folder") await mkdir(store, { recursive: true });
		const board = new TestBoard(host);
		board.#began(
			await host.start({
				...options,
				onEvent(event) {
					recordOutput(JSON.stringify(event));
					board.log.append(event);
					// At once: a board whose power goes when it has stored does not connect.
					if (event.event === until) board.powerOff();
				},
			}),
		);
		return board;
	}

	private constructor(host: BoardHost) {
		this.#host = host;
		this.log = new EventLog(() => host.time.now());
	}

	get events(): readonly BoardEvent[] {
		return this.log.entries.map(({ event }) => event);
	}

	/** The next event of this name. @throws WaitError with all that the board has said */
	async event<Wanted extends Name>(name: Wanted, options?: WaitOptions): Promise<EventWithMessage<Wanted>> {
		return (await this.entry(name, options)).event as EventWithMessage<Wanted>;
	}

	/** The same, with when and where it came. */
	entry<const Wanted extends Name>(name: Wanted, { after, seconds = 0 }: WaitOptions = {}) {
		return this.log.waitFor(name, { after, timeout: defaultTimeout + (seconds * 1000) / this.#host.scale });
	}

	/** This event has come, and the power is off. @throws Error where only a person could help it there */
	async reached(until: Name): Promise<void> {
		const { event } = await this.log.waitFor(
			(event) => event.event === until || (event.event === "failed" && event.action === "needs-attention"),
			{ timeout: defaultTimeout },
		);
		if (event.event !== until) throw new Error(`the board has not come to "${until}":\n${this}`);
		await this.#board?.exited;
	}

	/**
	 * What it went through. Without the clock, which may be set at any time, and without an application that publishes
	 * when its session has just gone: which of the two comes first is chance.
	 */
	steps(): string[] {
		return this.events
			.filter((event) => event.event !== "clock" && !(event.event === "failed" && event.reason === "gone"))
			.map(({ event }) => event);
	}

	/** Power off, at whatever it is doing. */
	powerOff(): void {
		this.#isOff = true;
		this.#board?.kill();
	}

	/** Settles when it is off, or has ended by itself. */
	async ended(): Promise<void> {
		await this.#board?.exited;
	}

	toString(): string {
		return this.log.toString();
	}

	#began(board: Board): void {
		this.#board = board;
		if (this.#isOff) board.kill();
		board.exited.then(({ killed, message }) => this.log.end(killed ? "its power is off" : message || "by itself"));
	}
}
