import type { Board, Exit } from "@dynreg/node/internal/board";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Sdk } from "../sdk/moddable.js";
import type { Chip } from "../sdk/platform.js";
import { eventIn } from "./event-line.js";
import { kill, spawnTied } from "./spawn-tied.js";
import { startDebugger } from "./xsbug.js";

export interface AttachedBoardOptions {
	readonly sdk: Sdk;
	readonly chip: Chip;
	/** "/dev/ttyUSB0" */
	readonly port: string;
	onEvent(event: BoardEvent): void;
	/** Anything in the trace that is not an event. */
	onTrace?(line: string): void;
	/** What the engine measures once a second, in bytes. */
	onMeters?(meters: ReadonlyMap<string, number>): void;
}

/** Bits a second of a debug image's serial line (`DEBUGGER_SPEED` in the SDK's tools/mcconfig). */
export const speeds: Readonly<Record<Chip, number>> = { esp32: 460_800, esp8266: 921_600 };

/**
 * Resets a board that is attached by a cable, with a debug image in its flash, and hears what it says, by the SDK's
 * `serial2xsbug`. A board that crashes begins anew by itself and goes on talking: that is no end.
 *
 * `kill` ends the listening; the board goes on with whatever it does, unheard, until the next reset.
 */
export async function startAttachedBoard(options: AttachedBoardOptions): Promise<Board> {
	const { sdk, chip, port, onEvent, onTrace, onMeters } = options;
	let killed = false;
	const xsbug = await startDebugger({
		onLine(line) {
			if (killed) return;
			const event = eventIn(line);
			if (event) onEvent(event);
			else onTrace?.(line);
		},
		onMeters: (meters) => onMeters?.(meters),
		onBreak: (text) => killed || onTrace?.(`the machine has stopped: ${text.trim()}`),
		onClose() {},
	});
	const bridge = spawnTied("serial2xsbug", [port, String(speeds[chip]), "8N1"], {
		env: { ...sdk.environment, XSBUG_HOST: "127.0.0.1", XSBUG_PORT: String(xsbug.port) },
	});
	let said = "";
	bridge.stderr?.on("data", (text: Buffer) => {
		said = `${said}${text}`.slice(-500);
	});
	const exited = new Promise<Exit>((end) => {
		bridge.once("close", () => {
			bridge.stdin?.destroy();
			xsbug.close();
			end({
				killed,
				message: killed ? "" : `the serial line at ${port} has ended (${said.trim() || "no reason given"})`,
			});
		});
	});
	return {
		exited,
		kill() {
			killed = true;
			kill(bridge);
		},
	};
}
