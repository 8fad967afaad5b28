import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { killTied, spawnTied } from "./spawn-tied.js";

export interface Display {
	/** For the environment of a program with windows: ":99". */
	readonly name: string;
	close(): void;
}

/** The user's own display: `DISPLAY`. */
export function userDisplay(): Display {
	return { name: process.env.DISPLAY ?? ":0", close() {} };
}

/**
 * A virtual display (Xvfb). `DYNREG_SIM_DISPLAY` names an existing one, for runs of many boards.
 *
 * @throws Error that says how to get one
 */
export async function openVirtualDisplay(): Promise<Display> {
	const { DYNREG_SIM_DISPLAY: shared } = process.env;
	if (shared !== undefined) return { name: shared, close() {} };
	const server = spawnTied("Xvfb", ["-displayfd", "3", "-screen", "0", "640x480x24", "-nolisten", "tcp"], {
		pipe: true,
	});
	try {
		return { name: `:${await readDisplayNumber(server)}`, close: () => killTied(server) };
	} catch (error) {
		killTied(server);
		throw error;
	}
}

/** Xvfb finds a free display and prints its number. */
function readDisplayNumber(server: ChildProcess): Promise<number> {
	return new Promise((resolve, reject) => {
		let text = "";
		(server.stdio[3] as Readable).on("data", (bytes: Buffer) => {
			text += bytes;
			if (text.endsWith("\n")) resolve(Number.parseInt(text, 10));
		});
		server.once("error", reject);
		server.once("exit", () =>
			reject(
				new Error(
					"Xvfb, the simulator's virtual display, does not start. Check that Xvfb is installed: sudo apt install xvfb",
				),
			),
		);
	});
}
