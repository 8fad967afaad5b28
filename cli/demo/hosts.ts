import { mkdir } from "node:fs/promises";
import type { Board, BoardOptions } from "@dynreg/node/internal/board";
import type { Meters } from "@dynreg/xs/internal/worker";
import { loadXs } from "../boards/load-xs.js";

export type HostName = "xs" | "node" | "sim";

/** Where a board can be run. */
export interface Host {
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
export async function prepareHost(name: HostName, onStep: (title: string) => void): Promise<Host> {
	if (name === "node") {
		const { startBoard } = await import("@dynreg/node/internal/board");
		return { start: async (options) => startBoard(options), timeout: 8000 };
	}
	if (name === "xs") {
		const { startBoard } = await loadXs();
		return { start: startBoard, timeout: 8000 };
	}
	const { startBoard } = await import("../boards/simulated-board.js");
	const { buildShown } = await import("../boards/build-shown.js");
	onStep("The firmware is built for the simulator");
	const image = await buildShown("the firmware");
	return {
		async start(options) {
			await mkdir(options.store as string, { recursive: true });
			return startBoard({ ...options, image });
		},
		timeout: 30_000,
	};
}
