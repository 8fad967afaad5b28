import { createInterface } from "node:readline";
import { eventIn, eventLine } from "../boards/event-line.js";
import { listen } from "../boards/xsbug.js";
import { LineWriter } from "../terminal/line-writer.js";
import { readNumber, readOptions } from "../terminal/usage.js";

export const summary = "what a board on the cable says, and what you tell it";

/** Where the SDK's tools look for a debugger. */
const usualPort = 5002;

const HELP = `dynreg console: ${summary}

Usage: dynreg console [--port N]

  --port N          where the SDK's tools look for a debugger (default: ${usualPort})
  --help            this text

Takes the place of the debugger xsbug: it must not run at the same time. Start it, then in another
terminal build and flash a debug build without a debugger, or connect to a board that has one already:

  mcconfig -dn -m -p esp32 …
  serial2xsbug /dev/ttyUSB0 460800 8N1

Then type: state, register, erase, now (docs/on-the-board.md). Ctrl-C ends it, not the board.
`;

export async function run(args: string[]): Promise<number> {
	const values = readOptions(args, { port: { type: "string" }, help: { type: "boolean" } });
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const port = values.port === undefined ? usualPort : readNumber("port", values.port, 1, 65_535);
	const lines = new LineWriter(process.stdout);
	const listener = await listen(
		{
			onLine(line) {
				const event = eventIn(line);
				lines.write(event === undefined ? line : eventLine(event));
			},
			onBreak: (text) => lines.write(text.trim()),
			onClose: () => lines.write("The board is gone; whoever connects next is listened to."),
		},
		port,
	).catch((cause) => {
		throw new Error(`port ${port} cannot be listened at: end xsbug, or whatever else listens there`, { cause });
	});
	lines.write(`Listening for a board at port ${listener.port}. Type state, register, erase or now once it is there.`);
	const typed = createInterface({ input: process.stdin });
	typed.on("line", (line) => listener.send(line));
	await new Promise<void>((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
	typed.close();
	listener.close();
	return 0;
}
