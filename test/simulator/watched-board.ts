import { type SimulatedBoard, startBoard } from "@dynreg/cli/internal/boards/simulated-board";
import { type EventOf, withBoard as withLoggedBoard } from "@dynreg/node";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import type { BoardEvent } from "dynreg/contracts/event";
import { TraceLog } from "../support/trace-log.js";

export interface Watched extends SimulatedBoard {
	readonly log: TraceLog;
	/** The next event of this name that nobody has waited for yet. */
	next<const Name extends BoardEvent["event"]>(name: Name): Promise<EventOf<Name>>;
}

/** Switches a board on for some work, and off after it. */
export function withBoard(
	configuration: RawConfiguration,
	store: string,
	work: (board: Watched) => Promise<void>,
	image?: string,
): Promise<void> {
	const log = new TraceLog();
	const start = () =>
		startBoard({
			store,
			configuration,
			...(image === undefined ? {} : { image }),
			onEvent: log.event,
			onTrace: log.trace,
		});
	let heard = 0;
	return withLoggedBoard(log, start, (board) =>
		work({
			...board,
			log,
			async next(name) {
				const { index, event } = await log.waitFor(name, { after: heard });
				heard = index + 1;
				return event as EventOf<typeof name>;
			},
		}),
	);
}
