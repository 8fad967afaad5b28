import { startAttachedBoard } from "../boards/attached-board.js";
import { eventLine } from "../boards/event-line.js";
import type { Sdk } from "../sdk/moddable.js";
import { type BoardPlatform, chipOf } from "../sdk/platform.js";
import { LineWriter } from "../terminal/line-writer.js";
import { print } from "../terminal/print.js";
import { printable } from "../terminal/printable.js";

/**
 * Resets an attached board and prints what it says, until interrupted.
 *
 * @throws Error when the serial line ends
 */
export async function followAttachedBoard(sdk: Sdk, platform: BoardPlatform, port: string): Promise<void> {
	print("The board starts; its log (end with Ctrl-C):\n");
	const lines = new LineWriter(process.stdout);
	const board = await startAttachedBoard({
		sdk,
		chip: chipOf(platform),
		port,
		onEvent: (event) => lines.write(eventLine(event)),
		onTrace: (line) => lines.write(printable(line)),
	});
	process.once("SIGINT", board.kill).once("SIGTERM", board.kill);
	const { killed, message } = await board.exited;
	process.off("SIGINT", board.kill).off("SIGTERM", board.kill);
	if (!killed) throw new Error(message);
}
