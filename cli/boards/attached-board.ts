import type { Board, Exit } from "@dynreg/node/internal/board";
import type { BoardEvent } from "dynreg/contracts/event";
import type { Sdk } from "../sdk/moddable-sdk.js";
import type { Chip } from "../sdk/platform.js";
import { parseEvent } from "./event-line.js";
import { killTied, spawnTied } from "./spawn-tied.js";
import { startXsbugServer } from "./xsbug-server.js";

export interface AttachedBoardOptions {
	readonly sdk: Sdk;
	readonly chip: Chip;
	/** "/dev/ttyUSB0" */
	readonly port: string;
	onEvent(event: BoardEvent): void;
	/** Anything in the trace that is not an event. */
	onTrace?(line: string): void;
	/** The engine's meters, once a second, in bytes. */
	onMeters?(meters: ReadonlyMap<string, number>): void;
}

/** Bits a second of a debug image's serial line (`DEBUGGER_SPEED` in the SDK's tools/mcconfig). */
export const debuggerBaudRates: Readonly<Record<Chip, number>> = { esp32: 460_800, esp8266: 921_600 };

/**
 * Resets a board attached by cable, with a debug image in its flash, and reads its trace through the SDK's
 * `serial2xsbug`. A board that crashes restarts by itself, which does not end this.
 *
 * `kill` ends reading; the board continues until the next reset.
 */
export async function startAttachedBoard(options: AttachedBoardOptions): Promise<Board> {
	const { sdk, chip, port, onEvent, onTrace, onMeters } = options;
	let killed = false;
	const xsbug = await startXsbugServer({
		onLine(line) {
			if (killed) return;
			const event = parseEvent(line);
			if (event) onEvent(event);
			else onTrace?.(line);
		},
		onMeters: (meters) => onMeters?.(meters),
		onBreak: (text) => killed || onTrace?.(`The firmware stopped: ${text.trim()}`),
		onClose() {},
	});
	const bridge = spawnTied("serial2xsbug", [port, String(debuggerBaudRates[chip]), "8N1"], {
		env: { ...sdk.environment, XSBUG_HOST: "127.0.0.1", XSBUG_PORT: String(xsbug.port) },
	});
	let errorOutput = "";
	bridge.stderr?.on("data", (text: Buffer) => {
		errorOutput = `${errorOutput}${text}`.slice(-500);
	});
	const exited = new Promise<Exit>((end) => {
		bridge.once("close", () => {
			bridge.stdin?.destroy();
			xsbug.close();
			end({
				killed,
				message: killed
					? ""
					: `The serial connection at ${port} ended (${errorOutput.trim() || "no reason given"}). Check the cable, and that no other program uses the port.`,
			});
		});
	});
	return {
		exited,
		kill() {
			killed = true;
			killTied(bridge);
		},
	};
}
