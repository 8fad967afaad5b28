import { defineCommand } from "../command-line/command.js";
import { number } from "../command-line/option.js";

export const command = defineCommand({
	options: {
		port: number("N", 1, 65_535, "where the SDK's tools look for a debugger", { default: 5002 }),
	},
	notes: [
		"Takes the place of the debugger xsbug, which must not run at the same time. Start it, then in another terminal build and flash a debug build without a debugger, or connect to a board that has one already:",
		"  mcconfig -dn -m -p esp32 …\n  serial2xsbug /dev/ttyUSB0 460800 8N1",
		"Then type: state, register, erase, now (docs/on-the-board.md). Ctrl-C ends the console, not the board.",
	],
	async run({ port }) {
		const { openConsole } = await import("../boards/console.js");
		return openConsole(port);
	},
});
