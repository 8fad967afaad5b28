import { createInterface } from "node:readline";
import { onEndSignal } from "../terminal/end-signals.js";
import { LineWriter } from "../terminal/line-writer.js";
import { eventLine, parseEvent } from "./event-line.js";
import { startXsbugServer } from "./xsbug-server.js";

/**
 * Prints the events of boards that connect to the debugger's port and sends them typed lines, until interrupted.
 *
 * @returns the exit code
 * @throws Error when the port is taken
 */
export async function openConsole(port: number): Promise<number> {
	const lines = new LineWriter(process.stdout);
	const xsbug = await startXsbugServer(
		{
			onLine(line) {
				const event = parseEvent(line);
				lines.write(event === undefined ? line : eventLine(event));
			},
			onBreak: (text) => lines.write(text.trim()),
			onClose: () => lines.write("The board has disconnected. Waiting for the next one."),
		},
		port,
	).catch((cause) => {
		throw new Error(
			(cause as NodeJS.ErrnoException).code === "EADDRINUSE"
				? `Cannot listen on port ${port}: another debugger (xsbug?) is using it. End that program, or choose another --port.`
				: `Cannot listen on port ${port}. Choose another --port.`,
			{ cause },
		);
	});
	lines.write(
		`Listening for a board at port ${xsbug.port}. When a board is connected, type state, register, erase or now.`,
	);
	const input = createInterface({ input: process.stdin });
	input.on("line", (line) => xsbug.send(line));
	await new Promise<void>(onEndSignal);
	input.close();
	xsbug.close();
	return 0;
}
