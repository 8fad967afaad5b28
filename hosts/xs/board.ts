import type { Board, BoardOptions } from "@dynreg/node/internal/board";
import { createHost, type HostOptions } from "@dynreg/node/internal/host";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Host } from "dynreg/contracts/host";
import { withMessage } from "dynreg/messages/sentence";
import { bundle, firmware } from "./bundle.js";
import { createPorts } from "./ports.js";
import { type Meters, Worker } from "./worker.js";

export interface XsBoardOptions extends BoardOptions {
	/** Another program than the firmware: a compiled module that imports `dynreg/host`. */
	readonly entry?: string;
}

export interface XsBoard extends Board {
	/** The engine's use of steps and memory since power-up. */
	meters(): Promise<Meters>;
}

/**
 * Powers on a board: the firmware in its own XS engine, its ports in this process.
 *
 * @throws Failure `storage-failed` if `store` cannot be read
 * @example const board = await startBoard({ configuration, onEvent: (event) => console.log(event) });
 */
export async function startBoard({
	configuration,
	store,
	certs,
	now,
	timeScale,
	entry,
	onEvent,
}: XsBoardOptions): Promise<XsBoard> {
	const power = new AbortController();
	// Not validated here: the clock does that when needed.
	const sntp = configuration.sntp as HostOptions["sntp"];
	const log = (event: BoardEvent) => onEvent(withMessage(event, configuration));
	const host = createHost({ store, sntp, certs, now, power: power.signal, timeScale, log });
	const board = runScript(await bundle(entry ?? firmware), host, configuration);
	return {
		...board,
		exited: board.exited.finally(() => power.abort()),
		kill() {
			board.kill();
			power.abort();
		},
	};
}

/**
 * Runs a program made by `bundle` in its own engine.
 *
 * @param host the ports, in this process
 */
export function runScript(script: string, host: Host, configuration: RawConfiguration): XsBoard {
	const worker: Worker = new Worker((query) => ports(query));
	const ports = createPorts(host, configuration, (notice) => worker.command(notice));
	worker.evaluate(script);
	return { exited: worker.exited, kill: () => worker.kill(), meters: () => worker.meters() };
}
