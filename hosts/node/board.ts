import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Milliseconds } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { hello } from "dynreg/hello";
import { sentence, withMessage } from "dynreg/messages/sentence";
import { type Configuration, start } from "dynreg/start";
import { createHost, type HostOptions } from "./host.js";
import type { Time } from "./time.js";

export interface BoardOptions {
	readonly configuration: RawConfiguration;
	/** The file that is this board's flash; without it, flash is forgotten with the board. */
	readonly store?: string | undefined;
	/** Folders of certificates for authorities that are named without a path and an ending; the first is searched first. */
	readonly certs?: readonly string[] | undefined;
	/** What the board's clock reads at power-up, instead of the computer's: UTC in milliseconds since 1970. */
	readonly now?: Milliseconds | undefined;
	/**
	 * How many seconds of board time pass in one real second, for tests: shortens deadlines, sleeps and keep-alive. Or
	 * board time itself, to be shared with other boards and the local cloud. Default: 1.
	 */
	readonly timeScale?: number | Time | undefined;
	onEvent(event: BoardEvent): void;
}

export interface Board {
	/** Settles when the board has ended, by `kill` or by itself. */
	readonly exited: Promise<Exit>;
	/** Power off, at whatever it is doing. */
	kill(): void;
}

export interface Exit {
	readonly killed: boolean;
	/** Why it ended by itself, for people; empty when there is nothing to say. */
	readonly message: string;
}

/**
 * Switches a board on: the firmware in this process.
 *
 * @throws Failure `storage-failed` when the store cannot be read
 */
export function startBoard({ configuration, store, certs, now, timeScale, onEvent }: BoardOptions): Board {
	const power = new AbortController();
	// Whatever it is: the clock checks it when it needs it.
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
