import { createInterface } from "node:readline";
import type { Board } from "@dynreg/node/internal/board";
import type { BoardEvent, FailureReport } from "dynreg/contracts/event";
import type { Failure } from "dynreg/core/errors";
import { LineWriter } from "../terminal/line-writer.js";
import { printError } from "../terminal/print-error.js";
import { readChoice, readNumber } from "../terminal/usage.js";
import { eventLine, traceLine } from "./event-line.js";
import type { SimulatedBoard } from "./simulated-board.js";

/** The options of a command that follows a board. */
export const storyOptions = {
	until: { type: "string" },
	timeout: { type: "string" },
	json: { type: "boolean" },
} as const;

const endings = ["stored", "online", "clock", "message"] as const;

/** How much of a board's life is followed, and how it is told. */
export interface Story {
	/** The event to stop at. */
	readonly until: (typeof endings)[number] | undefined;
	/** Seconds. */
	readonly timeout: number | undefined;
	readonly json: boolean;
	readonly lines: LineWriter;
}

/** What a board is heard through. */
export interface Hearing {
	onEvent(event: BoardEvent): void;
	/** A line that the application traces. */
	onTrace(line: string): void;
}

const exit = { reached: 0, wrongConfiguration: 1, timeout: 2, needsPerson: 3, interrupted: 130 } as const;

/** @throws UsageError */
export function readStory({ until, timeout, json }: { until?: string; timeout?: string; json?: boolean }): Story {
	return {
		until: until === undefined ? undefined : readChoice("until", until, endings),
		timeout: timeout === undefined ? undefined : readNumber("timeout", timeout, 1, 86_400),
		json: json ?? false,
		lines: new LineWriter(process.stdout),
	};
}

/**
 * One board from power-up to power off, told line by line.
 *
 * @returns the exit code
 * @throws Failure when it cannot be switched on
 */
export async function live(story: Story, start: (hearing: Hearing) => Promise<Board>): Promise<number> {
	const { until, timeout, json, lines } = story;
	const ending = new AbortController();
	const { signal } = ending;
	const ended = new Promise<number>((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));

	const interrupt = () => ending.abort(until === undefined ? exit.reached : exit.interrupted);
	process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
	const timer = timeout === undefined ? undefined : setTimeout(() => ending.abort(exit.timeout), timeout * 1000);
	try {
		const board = await start({
			onEvent(event) {
				if (signal.aborted) return;
				tell(story, event);
				const code = verdict(event, until);
				if (code === exit.wrongConfiguration) printError((event as FailureReport).message);
				if (code !== undefined) ending.abort(code);
			},
			onTrace(line) {
				if (!signal.aborted) lines.write(json ? JSON.stringify({ trace: line }) : traceLine(line));
			},
		});
		// At once: a board that is to stop at "stored" must not get to connect.
		signal.addEventListener("abort", () => board.kill());
		if ("send" in board) readCommands(board as SimulatedBoard, signal);
		if (signal.aborted) board.kill();
		board.exited.then(({ killed, message }) => {
			if (killed || signal.aborted) return;
			printError(message || "the firmware has come to an end by itself");
			ending.abort(exit.wrongConfiguration);
		});
		const code = await ended;
		if (code === exit.timeout)
			printError(`${until === undefined ? "the time is over" : `"${until}" was not reached`} after ${timeout} s`);
		return code;
	} finally {
		clearTimeout(timer);
		process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
	}
}

/** A board that cannot be switched on is told like one that failed. @returns the exit code */
export function failedToStart(story: Story, { phase, code, action, message }: Failure): number {
	tell(story, { event: "failed", phase, code, action, message });
	printError(message);
	return exit.wrongConfiguration;
}

function tell({ json, lines }: Story, event: BoardEvent): void {
	lines.write(json ? JSON.stringify(event) : eventLine(event));
}

/** What is typed goes into the board's console. */
function readCommands(board: SimulatedBoard, signal: AbortSignal): void {
	const typed = createInterface({ input: process.stdin });
	typed.on("line", (line) => {
		if (!board.send(line))
			printError("nobody hears what you type: this application has no console (docs/on-the-board.md: how it gets one)");
	});
	signal.addEventListener("abort", () => typed.close());
}

/** The exit code that this event means, if it is one to end with. */
function verdict(event: BoardEvent, until: Story["until"]): number | undefined {
	if (event.event === until) return exit.reached;
	if (event.event !== "failed") return undefined;
	if (event.phase === "configuration") return exit.wrongConfiguration;
	return event.action === "stop" ? exit.needsPerson : undefined;
}
