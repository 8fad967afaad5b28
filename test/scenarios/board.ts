import { type ChildProcess, spawn } from "node:child_process";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Driver } from "./driver.js";

export interface BoardRun {
	readonly config: string;
	readonly store?: string;
	readonly until?: "stored" | "online";
	/** Seconds. */
	readonly timeout?: number;
	/** What its clock reads at power-up, ISO 8601. */
	readonly clock?: string;
}

type EventOf<Name extends BoardEvent["event"]> = Extract<BoardEvent, { readonly event: Name }>;

/** One board as a process of its own, as `dynreg board` starts it. */
export class Board {
	readonly events: BoardEvent[] = [];
	/** All that it has written, on either stream. */
	output = "";
	errors = "";
	/** The exit code; null when it was killed. */
	readonly exit: Promise<number | null>;

	readonly #process: ChildProcess;
	readonly #patience: number;
	readonly #watchers = new Set<() => void>();
	#ended = false;

	constructor({ command, patience }: Driver, { config, store, until, timeout = patience, clock }: BoardRun) {
		const options = ["--config", config, "--timeout", String(timeout), "--json"];
		if (store !== undefined) options.push("--store", store);
		if (until !== undefined) options.push("--until", until);
		if (clock !== undefined) options.push("--clock", clock);
		this.#patience = patience;
		this.#process = spawn(process.execPath, [...command, ...options], { stdio: ["ignore", "pipe", "pipe"] });
		this.#process.stderr?.on("data", (text: Buffer) => {
			this.errors += text;
			this.output += text;
		});
		let rest = "";
		this.#process.stdout?.on("data", (text: Buffer) => {
			this.output += text;
			const lines = (rest + text).split("\n");
			rest = lines.pop() ?? "";
			for (const line of lines) this.events.push(JSON.parse(line));
			this.#changed();
		});
		this.exit = new Promise((resolve) =>
			this.#process.once("close", (code) => {
				this.#ended = true;
				this.#changed();
				resolve(code);
			}),
		);
	}

	/**
	 * The first such event that has not been there `after` this many events.
	 *
	 * @param seconds default: the host's patience
	 * @throws Error with all that the board has told when it does not come
	 */
	event<Name extends BoardEvent["event"]>(name: Name, after = 0, seconds = this.#patience): Promise<EventOf<Name>> {
		return new Promise((resolve, reject) => {
			const stop = () => {
				clearTimeout(timer);
				this.#watchers.delete(look);
			};
			const look = () => {
				const found = this.events.slice(after).find((event): event is EventOf<Name> => event.event === name);
				if (found === undefined && !this.#ended) return;
				stop();
				if (found === undefined) reject(new Error(`the board ended without "${name}":\n${this.output}`));
				else resolve(found);
			};
			const timer = setTimeout(() => {
				stop();
				reject(new Error(`the board did not tell "${name}" within ${seconds} s:\n${this.output}`));
			}, seconds * 1000);
			this.#watchers.add(look);
			look();
		});
	}

	/** Power off. */
	async kill(): Promise<void> {
		this.#process.kill("SIGKILL");
		await this.exit;
	}

	#changed(): void {
		for (const watcher of this.#watchers) watcher();
	}
}
