import type { Configuration } from "../../modules/contracts/cloud.js";
import type { BoardEvent } from "../../modules/contracts/event.js";
import type { Milliseconds } from "../../modules/contracts/host.js";
import { createHost } from "../node/host.js";
import { bundle, firmware } from "./bundle.js";
import { createPorts } from "./ports.js";
import { type Exit, type Meters, Worker } from "./worker.js";

export interface BoardOptions {
	readonly configuration: Configuration;
	/** The file that is this board's flash; without it, flash is forgotten with the board. */
	readonly store?: string | undefined;
	/** What the board's clock reads at power-up, instead of the computer's: UTC in milliseconds since 1970. */
	readonly now?: Milliseconds;
	/** Another program than the firmware: a compiled module that imports `dynreg/host`. */
	readonly entry?: string;
	onEvent(event: BoardEvent): void;
}

export interface Board {
	/** Settles when the engine has ended, by `kill` or by its own fault. */
	readonly exited: Promise<Exit>;
	/** Power off, at whatever it is doing. */
	kill(): void;
	meters(): Meters;
}

/**
 * Switches a board on: the firmware in an XS engine of its own, its ports in this process.
 *
 * @throws Failure `storage-failed` when the store cannot be read
 */
export async function startBoard({ configuration, store, now, entry, onEvent }: BoardOptions): Promise<Board> {
	const power = new AbortController();
	const host = createHost({ store, now, power: power.signal, log: onEvent });
	const script = await bundle(entry ?? firmware);
	const worker: Worker = new Worker((query) => ports(query));
	const ports = createPorts(host, configuration, (notice) => worker.command(notice));
	worker.evaluate(script);
	return {
		exited: worker.exited.finally(() => power.abort()),
		kill() {
			worker.kill();
			power.abort();
		},
		meters: () => worker.meters(),
	};
}
