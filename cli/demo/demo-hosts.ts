import type { Board, BoardOptions } from "@dynreg/node/internal/board";
import type { Meters } from "@dynreg/xs/internal/worker";
import { loadXs } from "../boards/load-xs.js";

export type DemoHostName = "xs" | "node" | "sim";

/** Where a board can be run. */
export interface DemoHost {
	start(options: BoardOptions): Promise<DemoBoard>;
	/** Milliseconds within which anything that a board does comes. */
	readonly timeout: number;
}

interface DemoBoard extends Board {
	/** Only of an engine that counts. */
	meters?(): Promise<Meters>;
}

/**
 * Loads a host, and builds the firmware where that takes a while.
 *
 * @param onStep told what takes a while
 * @throws Error without the SDK, or when the firmware cannot be built
 */
export async function prepareDemoHost(name: DemoHostName, onStep: (title: string) => void): Promise<DemoHost> {
	if (name === "node") {
		const { startBoard } = await import("@dynreg/node/internal/board");
		return { start: async (options) => startBoard(options), timeout: 8000 };
	}
	if (name === "xs") {
		const { startBoard } = await loadXs();
		return { start: startBoard, timeout: 8000 };
	}
	const { startBoard } = await import("../boards/simulated-board.js");
	const { buildWithProgress } = await import("../boards/build-with-progress.js");
	onStep("Building the firmware for the simulator");
	const image = await buildWithProgress("the firmware");
	return {
		start: (options) => startBoard({ ...options, image }),
		timeout: 30_000,
	};
}
