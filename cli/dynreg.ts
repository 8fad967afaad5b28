#!/usr/bin/env node
import { colour } from "./terminal/colour.js";
import { UsageError } from "./terminal/usage.js";

interface Command {
	/** One line of `dynreg --help`. */
	readonly summary: string;
	/** @returns the exit code @throws UsageError */
	run(args: string[]): Promise<number>;
}

/** Loaded when needed: each brings a different half of the project with it. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
	demo: () => import("./commands/demo.js"),
	init: () => import("./commands/init.js"),
	cloud: () => import("./commands/cloud.js"),
	board: () => import("./commands/board.js"),
	sim: () => import("./commands/sim.js"),
	console: () => import("./commands/console.js"),
	doctor: () => import("./commands/doctor.js"),
	explain: () => import("./commands/explain.js"),
	fleet: () => import("./commands/fleet.js"),
	flash: () => import("./commands/flash.js"),
	test: () => import("./commands/test.js"),
	factory: () => import("./commands/factory.js"),
};

process.exitCode = await main(process.argv.slice(2));

async function main([name, ...args]: string[]): Promise<number> {
	if (name === undefined || name === "--help" || name === "-h" || name === "help") {
		process.stdout.write(await help());
		return name === undefined ? 1 : 0;
	}
	try {
		const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
		if (!load) throw new UsageError(`there is no command "${name}": there is ${Object.keys(commands).join(", ")}`);
		const command = await load();
		return await command.run(args);
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		process.stderr.write(`${colour(process.stderr, "red", "dynreg:")} ${message}\n`);
		if (error instanceof UsageError) process.stderr.write("Try dynreg --help, or dynreg <command> --help.\n");
		else if (error instanceof Error && error.cause instanceof Error)
			process.stderr.write(`  because: ${error.cause.message}\n`);
		return 1;
	}
}

async function help(): Promise<string> {
	const lines = await Promise.all(
		Object.entries(commands).map(async ([name, load]) => `  ${name.padEnd(8)}${(await load()).summary}\n`),
	);
	return `dynreg: device registration, tried out without a cloud account

Usage: dynreg <command> [options]

${lines.join("")}
dynreg <command> --help tells the options.
`;
}
