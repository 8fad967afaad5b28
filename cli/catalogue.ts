import type { Command } from "./command-line/command.js";

interface CommandEntry {
	/** One line of `dynreg --help`. */
	readonly summary: string;
	/** Each command brings a different half of the project with it. */
	load(): Promise<{ readonly command: Command }>;
}

/** All commands, by name, in the order of `dynreg --help`, which loads none of them. */
export const commandCatalogue: Readonly<Record<string, CommandEntry>> = {
	demo: {
		summary: "register a board with a local cloud, power-cycle the board and connect again",
		load: () => import("./commands/demo.js"),
	},
	init: {
		summary: "write a board's configuration, or a new application that uses the library",
		load: () => import("./commands/init.js"),
	},
	cloud: {
		summary: "run a local cloud for boards to register with and connect to",
		load: () => import("./commands/cloud.js"),
	},
	board: {
		summary: "run one virtual board: the firmware on this computer",
		load: () => import("./commands/board.js"),
	},
	sim: {
		summary: "build, run and follow an application in the Moddable simulator",
		load: () => import("./commands/sim.js"),
	},
	console: {
		summary: "show the log of an attached board, and send commands to its console",
		load: () => import("./commands/console.js"),
	},
	doctor: {
		summary: "check this computer and a configuration, and show the command for each fix",
		load: () => import("./commands/doctor.js"),
	},
	explain: {
		summary: "explain an error code and the next step",
		load: () => import("./commands/explain.js"),
	},
	fleet: {
		summary: "run a fleet of boards through power-up and an outage, simulated or real",
		load: () => import("./commands/fleet.js"),
	},
	flash: {
		summary: "write the firmware, or your application, to a board and show its log",
		load: () => import("./commands/flash.js"),
	},
	test: {
		summary: "run the conformance tests, on an attached board or in the simulator",
		load: () => import("./commands/test.js"),
	},
	factory: {
		summary: "prepare a batch for the factory: names to import, partitions, labels",
		load: () => import("./commands/factory.js"),
	},
};
