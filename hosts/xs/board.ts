import type { Board, BoardOptions } from "../node/board.js";
import { createHost, type HostOptions } from "../node/host.js";
import { bundle, firmware } from "./bundle.js";
import { createPorts } from "./ports.js";
import { type Meters, Worker } from "./worker.js";

export interface XsBoardOptions extends BoardOptions {
	/** Another program than the firmware: a compiled module that imports `dynreg/host`. */
	readonly entry?: string;
}

export interface XsBoard extends Board {
	/** What the engine has used since power-up. */
	meters(): Promise<Meters>;
}

/**
 * Switches a board on: the firmware in an XS engine of its own, its ports in this process.
 *
 * @throws Failure `storage-failed` when the store cannot be read
 */
export async function startBoard({
	configuration,
	store,
	certs,
	now,
	entry,
	onEvent,
}: XsBoardOptions): Promise<XsBoard> {
	const power = new AbortController();
	// Whatever it is: the clock checks it when it needs it.
	const sntp = configuration.sntp as HostOptions["sntp"];
	const host = createHost({ store, sntp, certs, now, power: power.signal, log: onEvent });
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
