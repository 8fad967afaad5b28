import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { network } from "@dynreg/node/internal/network";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";
import { failedToStart, live, readStory, storyOptions } from "../boards/life.js";
import { buildSimulator, eraseFlash, startBoard } from "../boards/simulated-board.js";
import { defaultConfigurationFile, readConfigurationFile } from "../configuration/configuration-file.js";
import { findSdk, noSdk } from "../sdk/moddable.js";
import { stateFolder } from "../state/folders.js";
import { colour } from "../terminal/colour.js";
import { printError } from "../terminal/print-error.js";
import { readDate, readFolderAndOptions, UsageError } from "../terminal/usage.js";

export const summary = "an application in the Moddable simulator: built, run and followed";

const HELP = `dynreg sim: ${summary}

Usage: dynreg sim [folder] [options]

  folder            the application's, with its manifest.json (default: this folder)
  --config FILE     the board's configuration (default: ${defaultConfigurationFile} in the folder)
  --store FOLDER    the board's flash; it holds the device's secret
                    (default: .dynreg/sim in the folder, so that it is kept)
  --erase           begin with empty flash
  --clock DATE      what the board's clock reads at power-up, instead of the computer's:
                    ISO 8601, such as 1970-01-01 or 2099-12-31T23:59:59Z
  --window          with the simulator's window, on your display (default: without one)
  --until EVENT     stop at "stored", "online", "clock", or "message" where the application
                    is dynreg's own (default: run until interrupted, or until an error that
                    only a person can mend)
  --timeout S       give up after this many seconds, the build not counted
  --json            one JSON object a line: an event of the board, or {"trace": …}, a line
                    that the application traces
  --help            this text

Needs the Moddable SDK on Linux; dynreg doctor --for sim says what is missing.

Exit codes: 0 the event came, 1 the application cannot be built or the configuration is
wrong, 2 timeout, 3 an error that only a person can mend.
`;

export async function run(args: string[]): Promise<number> {
	const { folder: given, values } = readFolderAndOptions(args, {
		config: { type: "string" },
		store: { type: "string" },
		clock: { type: "string" },
		erase: { type: "boolean" },
		window: { type: "boolean" },
		...storyOptions,
		help: { type: "boolean" },
	});
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const folder = resolve(given ?? ".");
	const config = values.config ?? resolve(folder, defaultConfigurationFile);
	const now = values.clock === undefined ? undefined : readDate("clock", values.clock);
	const story = readStory(values);
	if (!existsSync(resolve(folder, "manifest.json")))
		throw new UsageError(`there is no application in ${folder}: it has no manifest.json (dynreg init --app makes one)`);
	if (values.config === undefined && !existsSync(config))
		throw new UsageError(`there is no ${config}: make one with dynreg init, or name another with --config`);
	if (values.window && !process.env.DISPLAY)
		throw new UsageError("--window needs a display, and DISPLAY is not set: leave it out to run without a window");
	if (findSdk() === undefined) throw new Error(`${noSdk}; dynreg doctor --for sim says more`);
	try {
		const configuration = named(readConfigurationFile(config));
		const image = await built(folder, values.json ?? false);
		if (image === undefined) return 1;
		const store = values.store ?? join(stateFolder(folder), "sim");
		if (values.erase) eraseFlash(store);
		return await live(story, ({ onEvent, onTrace }) =>
			startBoard({ image, configuration, store, now, window: values.window ?? false, onEvent, onTrace }),
		);
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		return failedToStart(story, error);
	}
}

/** A simulated board has no MAC address for a name; that of the computer stands for it. */
function named(configuration: RawConfiguration): RawConfiguration {
	if (configuration.deviceName !== undefined) return configuration;
	return { ...configuration, deviceName: network.mac()?.replaceAll(":", "") };
}

/** The image, or undefined when the build has failed and it has been said why. */
async function built(folder: string, json: boolean): Promise<string | undefined> {
	const progress = new Progress(json);
	progress.begin(`builds ${basename(folder)} for the simulator, half a minute the first time`);
	try {
		const image = await buildSimulator(folder, (line) => progress.step(line));
		progress.end("built");
		return image;
	} catch (error) {
		progress.end("failed");
		printError((error as Error).message);
		return undefined;
	}
}

/** What a build is at, on one line where there is a terminal; to standard error, which is not for the board's events. */
class Progress {
	readonly #shown = process.stderr.isTTY;
	readonly #quiet: boolean;
	readonly #began = Date.now();
	#steps = 0;

	constructor(quiet: boolean) {
		this.#quiet = quiet;
	}

	begin(text: string): void {
		this.#write(`${text}\n`);
	}

	/** @param line of the SDK's tools: "# cc main.c" */
	step(line: string): void {
		if (!line.startsWith("# ")) return;
		this.#steps++;
		if (this.#shown) this.#write(`\r\u{1b}[K${colour(process.stderr, "gray", line.slice(2).slice(0, 70))}`);
	}

	end(what: "built" | "failed"): void {
		const seconds = ((Date.now() - this.#began) / 1000).toFixed(1);
		this.#write(`${this.#shown ? "\r\u{1b}[K" : ""}${what} after ${seconds} s, ${this.#steps} steps\n`);
	}

	#write(text: string): void {
		if (!this.#quiet) process.stderr.write(text);
	}
}
