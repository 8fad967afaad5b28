import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { kill, spawnTied } from "./spawn-tied.js";

export interface Display {
	/** For the environment of a program with windows: ":99". */
	readonly name: string;
	close(): void;
}

/** The one that whoever started this process looks at: `DISPLAY`. */
export function ownDisplay(): Display {
	return { name: process.env.DISPLAY ?? ":0", close() {} };
}

/**
 * A display that nobody sees (Xvfb). `DYNREG_SIM_DISPLAY` names one that is open already, for runs of many boards.
 *
 * @throws Error that says how to get one
 */
export async function openDisplay(): Promise<Display> {
	const { DYNREG_SIM_DISPLAY: shared } = process.env;
	if (shared !== undefined) return { name: shared, close() {} };
	const server = spawnTied("Xvfb", ["-displayfd", "3", "-screen", "0", "640x480x24", "-nolisten", "tcp"], {
		pipe: true,
	});
	try {
		return { name: `:${await number(server)}`, close: () => kill(server) };
	} catch (error) {
		kill(server);
		throw error;
	}
}

/** Xvfb finds a free display and tells its number. */
function number(server: ChildProcess): Promise<number> {
	return new Promise((resolve, reject) => {
		let text = "";
		(server.stdio[3] as Readable).on("data", (bytes: Buffer) => {
			text += bytes;
			if (text.endsWith("\n")) resolve(Number.parseInt(text, 10));
		});
		server.once("error", reject);
		server.once("exit", () =>
			reject(new Error("Xvfb, the display that the simulator draws on, does not start (apt install xvfb)")),
		);
	});
}
