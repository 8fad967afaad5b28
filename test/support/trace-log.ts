import { EventLog, type LogEntry, type WaitOptions } from "@dynreg/node";
import type { BoardEvent } from "dynreg/contracts/event";
import { recordOutput } from "../secrets/watch.js";

export interface Trace {
	readonly event: "trace";
	readonly line: string;
}

/** All that a board in the simulator says, in order: its events, and every other line of its trace. */
export class TraceLog extends EventLog<BoardEvent | Trace> {
	/** Can be passed on as it is: `onEvent: log.event`. */
	readonly event = (event: BoardEvent): void => {
		recordOutput(JSON.stringify(event));
		this.append(event);
	};

	/** Can be passed on as it is: `onTrace: log.trace`. */
	readonly trace = (line: string): void => {
		recordOutput(line);
		this.append({ event: "trace", line });
	};

	get events(): BoardEvent[] {
		return this.entries.map(({ event }) => event).filter((each) => each.event !== "trace");
	}

	get lines(): string[] {
		return this.entries.flatMap(({ event }) => (event.event === "trace" ? [event.line] : []));
	}

	/** The first such line of the trace. @throws WaitError with all that the board has said */
	async waitForLine(holds: (line: string) => boolean, options?: WaitOptions): Promise<string> {
		const isIt = (event: BoardEvent | Trace) => event.event === "trace" && holds(event.line);
		const { event } = (await this.waitFor(isIt, options)) as LogEntry<Trace>;
		return event.line;
	}
}
