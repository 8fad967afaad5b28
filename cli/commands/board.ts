import { type Board, type BoardOptions, startBoard as startNodeBoard } from "@dynreg/node/internal/board";
import { Failure } from "dynreg/core/errors";
import { failedToStart, live, readStory, storyOptions } from "../boards/life.js";
import { readConfigurationFile } from "../configuration/configuration-file.js";
import { certs } from "../sdk/roots.js";
import { readChoice, readDate, readOptions, UsageError } from "../terminal/usage.js";

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
  --until EVENT     stop at "stored", "online", "clock" or "message" (default: run until
                    interrupted, or until an error that only a person can mend)
  --timeout S       give up after this many seconds
  --json            one JSON object a line, each an event of the board
  --help            this text

Exit codes: 0 the event came, 1 the configuration is wrong, 2 timeout,
3 an error that only a person can mend.

A configuration for dynreg cloud:

  {"cloud": "tencent", "productId": "PRODUCT0ID", "productSecret": "at-least-16-characters",
   "deviceName": "board-1", "spread": 0, "ca": "FILE", "endpoints":
   {"register": "https://127.0.0.1:PORT", "mqtt": "mqtts://127.0.0.1:PORT"}}
`;

const hosts = ["xs", "node", "sim"] as const;
type HostName = (typeof hosts)[number];

export async function run(args: string[]): Promise<number> {
	const values = readOptions(args, {
		config: { type: "string" },
		host: { type: "string" },
		store: { type: "string" },
		clock: { type: "string" },
		...storyOptions,
		help: { type: "boolean" },
	});
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	if (values.config === undefined) throw new UsageError("--config is missing: it names the board's configuration");
	const host = readChoice("host", values.host ?? "xs", hosts);
	const now = values.clock === undefined ? undefined : readDate("clock", values.clock);
	const story = readStory(values);
	try {
		const configuration = readConfigurationFile(values.config);
		return await live(story, (hearing) =>
			start(host, { configuration, store: values.store, certs, now, onEvent: hearing.onEvent }),
		);
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		return failedToStart(story, error);
	}
}

/** The XS host brings a bundler with it, the simulator a build: loaded only when it is asked for. */
async function start(host: HostName, options: BoardOptions): Promise<Board> {
	if (host === "node") return startNodeBoard(options);
	if (host === "sim") return (await import("../boards/simulated-board.js")).startBoard(options);
	const { startBoard } = await import("@dynreg/xs/internal/board");
	return startBoard(options);
}
