#!/usr/bin/env node
import "./terminal/silence-debug-output.js";
import { readFileSync } from "node:fs";
import type { Failure } from "dynreg/core/errors";
import { commandCatalogue } from "./catalogue.js";
import { execute } from "./command-line/execute.js";
import { completionNames, printMainHelp } from "./command-line/main-help.js";
import { UsageError } from "./command-line/usage-error.js";
import { Interrupted } from "./terminal/interrupted.js";
import { printError } from "./terminal/print-error.js";
import { shownValue } from "./terminal/shown-value.js";
import { systemMessage } from "./terminal/system-message.js";

// A reader that is gone, such as head, costs the lines and nothing else.
for (const stream of [process.stdout, process.stderr])
	stream.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "EPIPE") throw error;
	});

process.exitCode = await main(process.argv.slice(2));

/** @returns the exit code */
async function main([name, ...args]: readonly string[]): Promise<number> {
	try {
		if (name === "help") return await help(args);
		if (name === "--version") return printVersion();
		if (name !== undefined && name !== "--help" && name !== "-h") return await run(name, args);
		printMainHelp();
		return name === undefined ? 1 : 0;
	} catch (error) {
		printError(await messageOf(error));
		if (error instanceof Interrupted) return 130;
		if (error instanceof UsageError) process.stderr.write("Try dynreg --help, or dynreg <command> --help.\n");
		else if (error instanceof Error && error.cause instanceof Error)
			process.stderr.write(`  Cause: ${error.cause.message}\n`);
		return 1;
	}
}

/** What went wrong, for people. The catalogue of sentences is loaded for a failure only. */
async function messageOf(error: unknown): Promise<string> {
	if (!(error instanceof Error)) return String(error);
	if (error.name !== "Failure") return systemMessage(error);
	const { sentence } = await import("dynreg/messages/sentence");
	return sentence(error as Failure);
}

async function run(name: string, args: readonly string[]): Promise<number> {
	const { summary, load } = entryOf(name);
	const { command } = await load();
	return execute(`dynreg ${name}`, summary, command, args);
}

function printVersion(): number {
	const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
		version: string;
	};
	process.stdout.write(`${version}\n`);
	return 0;
}

/** `dynreg help [command]`, and with --list the names alone. */
async function help(args: readonly string[]): Promise<number> {
	const [name] = args.filter((each) => each !== "--list");
	if (args.includes("--list")) {
		const command = name === undefined ? undefined : (await entryOf(name).load()).command;
		process.stdout.write(`${completionNames(command).join("\n")}\n`);
		return 0;
	}
	if (name !== undefined) return run(name, ["--help"]);
	printMainHelp();
	return 0;
}

/** @throws UsageError that names all commands */
function entryOf(name: string) {
	const entry = Object.hasOwn(commandCatalogue, name) ? commandCatalogue[name] : undefined;
	if (entry === undefined)
		throw new UsageError(
			`There is no command ${shownValue(name)}. The commands are ${Object.keys(commandCatalogue).join(", ")}.`,
		);
	return entry;
}
