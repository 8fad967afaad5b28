import { defineCommand } from "../command-line/command.js";
import { numberOption } from "../command-line/option.js";

export const command = defineCommand({
	options: {
		port: numberOption("N", 1, 65_535, "the port at which the SDK's tools expect a debugger", { default: 5002 }),
	},
	notes: [
		"Replaces the debugger xsbug, which must not run at the same time. Start the console. Then, in another terminal, build and flash a debug build without a debugger, or connect to a board that has a debug build already:",
		"  mcconfig -dn -m -p esp32 …\n  serial2xsbug /dev/ttyUSB0 460800 8N1",
		"Then type state, register, erase or now (docs/guides/on-the-board.md). Ctrl-C ends the console, not the board.",
	],
	async run({ port }) {
		const { openConsole } = await import("../boards/open-console.js");
		return openConsole(port);
	},
});
