import { createInterface } from "node:readline";
import type { Board } from "@dynreg/node/internal/board";
import { EventLog, WaitError } from "@dynreg/node/internal/event-log";
import { withBoard } from "@dynreg/node/internal/with-board";
import type { BoardEvent } from "dynreg/contracts/event";
import { Failure } from "dynreg/core/errors";
import { sentence } from "dynreg/messages/sentence";
import { onEndSignal } from "../terminal/end-signals.js";
import { LineWriter } from "../terminal/line-writer.js";
import { printError } from "../terminal/print-error.js";
import { eventLine, traceLine } from "./event-line.js";
import { exitCodes, type FollowOptions } from "./follow-options.js";
import type { SimulatedBoard } from "./simulated-board.js";

/** The receiver of a board's events. */
export interface BoardListener {
	onEvent(event: BoardEvent): void;
	/** A line that the application traces. */
	onTrace(line: string): void;
}

/**
 * Runs one board and prints its events, up to the one asked for.
 *
 * @param start switches the board on
 * @returns the exit code
 * @throws what `start` throws
 */
export async function followBoard(
	{ until, timeout, json }: FollowOptions,
	start: (listener: BoardListener) => Promise<Board>,
): Promise<number> {
	const lines = new LineWriter(process.stdout);
	const log = new EventLog();
	const exitCodeFor = (event: BoardEvent) => exitCodeOf(event, until);
	let switchOff = (): void => {};
	let hasEnded = false;
	const stopListening = onEndSignal(() => log.end(interruptReason));
	try {
		return await withBoard(
			log,
			() =>
				start({
					onEvent(event) {
						if (hasEnded) return;
						const exitCode = exitCodeFor(event);
						// A wrong configuration is printed as an error, and a terminal would show both.
						if (json) lines.write(JSON.stringify(event));
						else if (exitCode !== exitCodes.wrongConfiguration) lines.write(eventLine(event));
						log.append(event);
						hasEnded = exitCode !== undefined;
						// At once: a board that is to stop at "stored" must not connect.
						if (hasEnded) switchOff();
					},
					onTrace(line) {
						if (!hasEnded) lines.write(json ? JSON.stringify({ trace: line }) : traceLine(line));
					},
				}),
			async (board) => {
				switchOff = board.kill;
				const input = "send" in board ? readCommands(board as SimulatedBoard) : undefined;
				try {
					const { event } = await log.waitFor((each) => exitCodeFor(each) !== undefined, {
						timeout: timeout === undefined ? undefined : timeout * 1000,
					});
					if (exitCodeFor(event) === exitCodes.wrongConfiguration && event.event === "failed")
						printError(event.message ?? sentence(event));
					return exitCodeFor(event) ?? exitCodes.reached;
				} catch (error) {
					if (!(error instanceof WaitError)) throw error;
					return reportMissingEvent(error, log.endReason, { until, timeout });
				} finally {
					hasEnded = true;
					input?.close();
				}
			},
		);
	} finally {
		stopListening();
	}
}

const interruptReason = "interrupted";

/** Says why the event has not come. @returns the exit code */
function reportMissingEvent(
	{ reason }: WaitError,
	endReason: string | undefined,
	{ until, timeout }: Pick<FollowOptions, "until" | "timeout">,
): number {
	if (reason === "timeout") {
		printError(
			until === undefined ? `Timeout after ${timeout} s.` : `The event "${until}" did not come within ${timeout} s.`,
		);
		return exitCodes.timeout;
	}
	if (endReason === interruptReason) return until === undefined ? exitCodes.reached : exitCodes.interrupted;
	printError(endReason ?? "");
	return exitCodes.wrongConfiguration;
}

/**
 * Prints why a board cannot start: as an error, and with `--json` also as its event.
 *
 * @returns the exit code
 * @throws errors other than `Failure`
 */
export function reportStartFailure({ json }: FollowOptions, error: unknown): number {
	if (!(error instanceof Failure)) throw error;
	const message = sentence(error);
	if (json) new LineWriter(process.stdout).write(JSON.stringify({ event: "failed", ...error, message }));
	printError(message);
	return exitCodes.wrongConfiguration;
}

/** Sends typed lines to the board's console. */
function readCommands(board: SimulatedBoard): { close(): void } {
	const input = createInterface({ input: process.stdin });
	input.on("line", (line) => {
		if (!board.send(line))
			printError("The application has no console for commands. To add one, see docs/guides/on-the-board.md.");
	});
	return input;
}

/** The exit code that this event means, if it is one to end with. */
function exitCodeOf(event: BoardEvent, until: FollowOptions["until"]): number | undefined {
	if (event.event === until) return exitCodes.reached;
	if (event.event !== "failed") return undefined;
	if (event.phase === "configuration") return exitCodes.wrongConfiguration;
	// Without an event to wait for, the board goes on: its console has the commands for such an error.
	return until !== undefined && event.action === "needs-attention" ? exitCodes.needsPerson : undefined;
}
