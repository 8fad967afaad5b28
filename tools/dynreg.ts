#!/usr/bin/env node
import { styled } from "./styled.js";
import { UsageError } from "./usage.js";

interface Command {
	/** One line of `dynreg --help`. */
	readonly summary: string;
	/** @returns the exit code @throws UsageError */
	run(args: string[]): Promise<number>;
}

/** Loaded when needed: each brings a different half of the project with it. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
	demo: () => import("./demo.js"),
	init: () => import("./init.js"),
	cloud: () => import("./cloud.js"),
	board: () => import("./board.js"),
	sim: () => import("./sim.js"),
	console: () => import("./console.js"),
	doctor: () => import("./doctor.js"),
	explain: () => import("./explain.js"),
	fleet: () => import("./fleet.js"),
	flash: () => import("./flash.js"),
	test: () => import("./test.js"),
	factory: () => import("./factory.js"),
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
		process.stderr.write(`${styled(process.stderr, "red", "dynreg:")} ${message}\n`);
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
