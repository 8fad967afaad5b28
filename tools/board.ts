import { createInterface } from "node:readline";
import { Failure } from "dynreg/errors";
import { type Board, type BoardOptions, startBoard as startNodeBoard } from "../hosts/node/board.js";
import type { BoardEvent, FailureReport } from "../modules/contracts/event.js";
import { readConfigurationFile } from "./configuration-file.js";
import { eventLine } from "./event-line.js";
import { Lines } from "./lines.js";
import { certs } from "./roots.js";
import type { SimulatedBoard } from "./simulated-board.js";
import { styled } from "./styled.js";
import { readChoice, readNumber, readOptions, UsageError } from "./usage.js";

export const summary = "one virtual board: the firmware on this computer";

const HELP = `dynreg board: ${summary}

Usage: dynreg board --config FILE [options]

  --config FILE     the board's configuration, JSON; a file named in it (ca) is
                    looked for beside it
  --host HOST       what the firmware runs on: xs, the bare XS engine; node; or sim, the
                    Moddable simulator, which needs the SDK (default: xs); its console
                    takes what you type: state, register, erase, now
  --store FILE      keep the board's flash in this file, for sim in this folder; it holds
                    the device's secret (default: flash is empty each time)
  --clock DATE      what the board's clock reads at power-up, instead of the computer's:
                    ISO 8601, such as 1970-01-01 or 2099-12-31T23:59:59Z
  --until STATE     stop at "stored" or "online" (default: run until interrupted,
                    or until an error that only a person can mend)
  --timeout S       give up after this many seconds
  --json            one JSON object a line, each an event of the board
  --help            this text

Exit codes: 0 the state was reached, 1 the configuration is wrong, 2 timeout,
3 an error that only a person can mend.

A configuration for dynreg cloud:

  {"cloud": "tencent", "productId": "PRODUCT0ID", "productSecret": "at-least-16-characters",
   "deviceName": "board-1", "spread": 0, "ca": "FILE", "endpoints":
   {"register": "https://127.0.0.1:PORT", "mqtt": "mqtts://127.0.0.1:PORT"}}
`;

const exit = { reached: 0, wrongConfiguration: 1, timeout: 2, needsPerson: 3, interrupted: 130 } as const;
const hosts = ["xs", "node", "sim"] as const;
type HostName = (typeof hosts)[number];
const states = ["stored", "online"] as const;
type StateName = (typeof states)[number];

export async function run(args: string[]): Promise<number> {
	const values = readOptions(args, {
		config: { type: "string" },
		host: { type: "string" },
		store: { type: "string" },
		clock: { type: "string" },
		until: { type: "string" },
		timeout: { type: "string" },
		json: { type: "boolean" },
		help: { type: "boolean" },
	});
	if (values.help) {
		process.stdout.write(HELP);
		return exit.reached;
	}
	if (values.config === undefined) throw new UsageError("--config is missing: it names the board's configuration");
	const host = readChoice("host", values.host ?? "xs", hosts);
	const now = values.clock === undefined ? undefined : readDate("clock", values.clock);
	const until = values.until === undefined ? undefined : readChoice("until", values.until, states);
	const timeout = values.timeout === undefined ? undefined : readNumber("timeout", values.timeout, 1, 86_400);

	const lines = new Lines(process.stdout);
	const print = (event: BoardEvent) => lines.write(values.json ? JSON.stringify(event) : eventLine(event));
	try {
		const configuration = readConfigurationFile(values.config);
		return await live(host, { configuration, store: values.store, certs, now, onEvent: print }, until, timeout);
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		const { phase, code, action, message } = error;
		print({ event: "failed", phase, code, action, message });
		complain(message);
		return exit.wrongConfiguration;
	}
}

/** One board from power-up to power off. @throws Failure when it cannot be switched on */
async function live(
	host: HostName,
	options: BoardOptions,
	until: StateName | undefined,
	timeout: number | undefined,
): Promise<number> {
	const ending = new AbortController();
	const { signal } = ending;
	const ended = new Promise<number>((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));

	const interrupt = () => ending.abort(until === undefined ? exit.reached : exit.interrupted);
	process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
	const timer = timeout === undefined ? undefined : setTimeout(() => ending.abort(exit.timeout), timeout * 1000);
	try {
		const board = await start(host, {
			...options,
			onEvent(event) {
				if (signal.aborted) return;
				options.onEvent(event);
				const code = verdict(event, until);
				if (code === exit.wrongConfiguration) complain((event as FailureReport).message);
				if (code !== undefined) ending.abort(code);
			},
		});
		// At once: a board that is to stop at "stored" must not get to connect.
		signal.addEventListener("abort", () => board.kill());
		if ("send" in board) readCommands(board, signal);
		if (signal.aborted) board.kill();
		board.exited.then(({ killed, message }) => {
			if (killed || signal.aborted) return;
			complain(message || "the firmware has come to an end by itself");
			ending.abort(exit.wrongConfiguration);
		});
		const code = await ended;
		if (code === exit.timeout)
			complain(`${until === undefined ? "the time is over" : `"${until}" was not reached`} after ${timeout} s`);
		return code;
	} finally {
		clearTimeout(timer);
		process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
	}
}

/** The XS host brings a bundler with it, the simulator a build: loaded only when it is asked for. */
async function start(host: HostName, options: BoardOptions): Promise<Board | SimulatedBoard> {
	if (host === "node") return startNodeBoard(options);
	if (host === "sim") return (await import("./simulated-board.js")).startBoard(options);
	const { startBoard } = await import("../hosts/xs/board.js");
	return startBoard(options);
}

/** What is typed goes into the board's console. */
function readCommands(board: SimulatedBoard, signal: AbortSignal): void {
	const typed = createInterface({ input: process.stdin });
	typed.on("line", (line) => board.send(line));
	signal.addEventListener("abort", () => typed.close());
}

/** The exit code that this event means, if it is one to end with. */
function verdict(event: BoardEvent, until: StateName | undefined): number | undefined {
	if (event.event === until) return exit.reached;
	if (event.event !== "failed") return undefined;
	if (event.phase === "configuration") return exit.wrongConfiguration;
	return event.action === "stop" ? exit.needsPerson : undefined;
}

/** UTC in milliseconds since 1970. */
function readDate(name: string, value: string): number {
	const time = /^\d{4}-\d\d-\d\d(T|$)/.test(value) ? Date.parse(value) : Number.NaN;
	if (!Number.isNaN(time)) return time;
	throw new UsageError(
		`--${name} is "${value}": it must be a date in ISO 8601, such as 2099-12-31 or 1970-01-01T12:00:00Z`,
	);
}

function complain(message: string): void {
	process.stderr.write(`${styled(process.stderr, "red", "dynreg:")} ${message}\n`);
}
