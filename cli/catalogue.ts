import type { Command } from "./command-line/command.js";

interface Entry {
	/** One line of `dynreg --help`. */
	readonly summary: string;
	/** Each command brings a different half of the project with it. */
	load(): Promise<{ readonly command: Command }>;
}

/** All commands, by name, in the order of `dynreg --help`, which loads none of them. */
export const catalogue: Readonly<Record<string, Entry>> = {
	demo: {
		summary: "the main job in ten seconds: register, power cycle, connect again",
		load: () => import("./commands/demo.js"),
	},
	init: {
		summary: "a board's configuration, and a new application that uses the library",
		load: () => import("./commands/init.js"),
	},
	cloud: {
		summary: "a local cloud for boards to register with and connect to",
		load: () => import("./commands/cloud.js"),
	},
	board: {
		summary: "one virtual board: the firmware on this computer",
		load: () => import("./commands/board.js"),
	},
	sim: {
		summary: "an application in the Moddable simulator: built, run and followed",
		load: () => import("./commands/sim.js"),
	},
	console: {
		summary: "the log and the console of a board on the cable",
		load: () => import("./commands/console.js"),
	},
	doctor: {
		summary: "what is here, what is missing, and the command that fixes it",
		load: () => import("./commands/doctor.js"),
	},
	explain: {
		summary: "what an error code means, and what to do",
		load: () => import("./commands/explain.js"),
	},
	fleet: {
		summary: "a fleet of boards after power-up and after an outage, simulated or for real",
		load: () => import("./commands/fleet.js"),
	},
	flash: {
		summary: "write the firmware, or your application, to a board and show its log",
		load: () => import("./commands/flash.js"),
	},
	test: {
		summary: "the conformance tests, on an attached board or in the simulator",
		load: () => import("./commands/test.js"),
	},
	factory: {
		summary: "what a factory needs for a batch: names to import, partitions, labels",
		load: () => import("./commands/factory.js"),
	},
};
