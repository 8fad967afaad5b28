import { startAttachedBoard } from "../boards/attached-board.js";
import { eventLine } from "../boards/event-line.js";
import type { Sdk } from "../sdk/moddable-sdk.js";
import { type BoardPlatform, chipOf } from "../sdk/platform.js";
import { onEndSignal } from "../terminal/end-signals.js";
import { LineWriter } from "../terminal/line-writer.js";
import { print } from "../terminal/print.js";
import { replaceControls } from "../terminal/replace-controls.js";

/**
 * Resets an attached board and prints what it says, until interrupted.
 *
 * @throws Error when the serial line ends
 */
export async function followAttachedBoard(sdk: Sdk, platform: BoardPlatform, port: string): Promise<void> {
	print("The board is starting. Its log follows; Ctrl-C ends the log.\n");
	const lines = new LineWriter(process.stdout);
	const board = await startAttachedBoard({
		sdk,
		chip: chipOf(platform),
		port,
		onEvent: (event) => lines.write(eventLine(event)),
		onTrace: (line) => lines.write(replaceControls(line)),
	});
	const stopListening = onEndSignal(board.kill);
	const { killed, message } = await board.exited;
	stopListening();
	if (!killed) throw new Error(message);
}
