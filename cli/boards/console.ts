import { createInterface } from "node:readline";
import { LineWriter } from "../terminal/line-writer.js";
import { eventIn, eventLine } from "./event-line.js";
import { startDebugger } from "./xsbug.js";

/**
 * Prints what boards say that connect to a debugger's port, and sends them what is typed, until it is interrupted.
 *
 * @returns the exit code
 * @throws Error when the port is taken
 */
export async function openConsole(port: number): Promise<number> {
	const lines = new LineWriter(process.stdout);
	const xsbug = await startDebugger(
		{
			onLine(line) {
				const event = eventIn(line);
				lines.write(event === undefined ? line : eventLine(event));
			},
			onBreak: (text) => lines.write(text.trim()),
			onClose: () => lines.write("The board has disconnected. Waiting for the next one."),
		},
		port,
	).catch((cause) => {
		throw new Error(`cannot listen on port ${port}: another debugger (xsbug?) is using it`, { cause });
	});
	lines.write(`Listening for a board at port ${xsbug.port}. Type state, register, erase or now once it is there.`);
	const typed = createInterface({ input: process.stdin });
	typed.on("line", (line) => xsbug.send(line));
	await new Promise<void>((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
	typed.close();
	xsbug.close();
	return 0;
}
