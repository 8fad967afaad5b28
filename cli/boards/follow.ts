import { createInterface } from "node:readline";
import type { Board } from "@dynreg/node/internal/board";
import { EventLog, WaitError } from "@dynreg/node/internal/event-log";
import { withBoard } from "@dynreg/node/internal/with-board";
import type { BoardEvent } from "dynreg/contracts/event";
import { Failure } from "dynreg/core/errors";
import { sentence } from "dynreg/messages/sentence";
import { LineWriter } from "../terminal/line-writer.js";
import { printError } from "../terminal/print-error.js";
import { eventLine, traceLine } from "./event-line.js";
import { exit, type FollowOptions } from "./follow-options.js";
import type { SimulatedBoard } from "./simulated-board.js";

/** What a board reports to. */
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
export async function follow(
	{ until, timeout, json }: FollowOptions,
	start: (listener: BoardListener) => Promise<Board>,
): Promise<number> {
	const lines = new LineWriter(process.stdout);
	const log = new EventLog();
	const endingOf = (event: BoardEvent) => exitCodeOf(event, until);
	let switchOff = (): void => {};
	let isOver = false;
	const interrupt = () => log.end(interrupted);
	process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
	try {
		return await withBoard(
			log,
			() =>
				start({
					onEvent(event) {
						if (isOver) return;
						lines.write(json ? JSON.stringify(event) : eventLine(event));
						log.append(event);
						isOver = endingOf(event) !== undefined;
						// At once: a board that is to stop at "stored" must not connect.
						if (isOver) switchOff();
					},
					onTrace(line) {
						if (!isOver) lines.write(json ? JSON.stringify({ trace: line }) : traceLine(line));
					},
				}),
			async (board) => {
				switchOff = board.kill;
				const typed = "send" in board ? readCommands(board as SimulatedBoard) : undefined;
				try {
					const { event } = await log.waitFor((each) => endingOf(each) !== undefined, {
						timeout: timeout === undefined ? undefined : timeout * 1000,
					});
					if (endingOf(event) === exit.wrongConfiguration && event.event === "failed")
						printError(event.message ?? sentence(event));
					return endingOf(event) ?? exit.reached;
				} catch (error) {
					if (!(error instanceof WaitError)) throw error;
					return withoutEvent(error, log.endReason, { until, timeout });
				} finally {
					isOver = true;
					typed?.close();
				}
			},
		);
	} finally {
		process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
	}
}

const interrupted = "interrupted";

/** Says why the event has not come. @returns the exit code */
function withoutEvent(
	{ reason }: WaitError,
	endReason: string | undefined,
	{ until, timeout }: Pick<FollowOptions, "until" | "timeout">,
): number {
	if (reason === "timeout") {
		printError(`${until === undefined ? "the time is over" : `"${until}" was not reached`} after ${timeout} s`);
		return exit.timeout;
	}
	if (endReason === interrupted) return until === undefined ? exit.reached : exit.interrupted;
	printError(endReason ?? "");
	return exit.wrongConfiguration;
}

/**
 * Prints a board that cannot be switched on like one that failed.
 *
 * @returns the exit code
 * @throws what is no `Failure`
 */
export function failedToStart({ json }: FollowOptions, error: unknown): number {
	if (!(error instanceof Failure)) throw error;
	const message = sentence(error);
	const event = { event: "failed", ...error, message } as const;
	new LineWriter(process.stdout).write(json ? JSON.stringify(event) : eventLine(event));
	printError(message);
	return exit.wrongConfiguration;
}

/** What is typed goes into the board's console. */
function readCommands(board: SimulatedBoard): { close(): void } {
	const typed = createInterface({ input: process.stdin });
	typed.on("line", (line) => {
		if (!board.send(line))
			printError("this application has no console to type into (docs/on-the-board.md: how it gets one)");
	});
	return typed;
}

/** The exit code that this event means, if it is one to end with. */
function exitCodeOf(event: BoardEvent, until: FollowOptions["until"]): number | undefined {
	if (event.event === until) return exit.reached;
	if (event.event !== "failed") return undefined;
	if (event.phase === "configuration") return exit.wrongConfiguration;
	return event.action === "stop" ? exit.needsPerson : undefined;
}
