import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Milliseconds } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { hello } from "dynreg/hello";
import { sentence, withMessage } from "dynreg/messages/sentence";
import { type Configuration, start } from "dynreg/start";
import { createHost, type HostOptions } from "./host.js";
import type { TimeSource } from "./time-source.js";

export interface BoardOptions {
	readonly configuration: RawConfiguration;
	/** The file that simulates the board's flash. Default: in memory, lost with the board. */
	readonly store?: string | undefined;
	/** Folders searched in this order for `ca` names without path and extension. */
	readonly certs?: readonly string[] | undefined;
	/** The board's time at power-up: UTC in milliseconds since 1970. Default: the computer's. */
	readonly now?: Milliseconds | undefined;
	/**
	 * Seconds of board time in one real second, for tests: shortens deadlines, sleeps and keep-alive. Or a shared time, for
	 * several boards and the local cloud. Default: 1.
	 */
	readonly timeScale?: number | TimeSource | undefined;
	onEvent(event: BoardEvent): void;
}

export interface Board {
	/** Resolves when the board has ended, by `kill` or by itself. */
	readonly exited: Promise<Exit>;
	/** Cuts the power immediately. */
	kill(): void;
}

export interface Exit {
	readonly killed: boolean;
	/** Why the board ended by itself, for people; otherwise empty. */
	readonly message: string;
}

/**
 * Powers on a board: the firmware in this process.
 *
 * @throws Failure `storage-failed` if `store` cannot be read
 * @example
 * const board = startBoard({ configuration, store: "board-1.flash", onEvent: (event) => console.log(event) });
 * board.kill();
 * await board.exited;
 */
export function startBoard({ configuration, store, certs, now, timeScale, onEvent }: BoardOptions): Board {
	const power = new AbortController();
	// Not validated here: the clock does that when needed.
	const sntp = configuration.sntp as HostOptions["sntp"];
	const { signal } = power;
	const log = (event: BoardEvent) => signal.aborted || onEvent(withMessage(event, configuration));
	const host = createHost({ store, sntp, certs, now, power: signal, timeScale, log });
	const killed = new Promise<Exit>((resolve) => {
		signal.addEventListener("abort", () => resolve({ killed: true, message: "" }));
	});
	const ended = start(host, configuration as Configuration, hello).then(
		() => ({ killed: false, message: "" }),
		(error: unknown) => ({
			killed: false,
			message: sentence(Failure.from(error), configuration),
		}),
	);
	return {
		exited: Promise.race([killed, ended]),
		kill: () => power.abort(),
	};
}
