import { buildSimulator, startBoard as startSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, noSdk } from "@dynreg/cli/internal/sdk/moddable";
import { type Board, type BoardOptions, startBoard as startNodeBoard } from "@dynreg/node/internal/board";
import { startBoard as startXsBoard } from "@dynreg/xs/internal/board";

/** A host, and how many boards of it this computer takes at once. */
export interface Place {
	readonly name: "node" | "xs" | "sim";
	readonly atOnce: number;
	/** Seconds until a board that has nothing in its way is online. */
	readonly patience: number;
	readonly flash: "file" | "folder";
	/** Why there can be no boards here, if so. */
	readonly missing?: string;
	start(options: BoardOptions): Promise<Board>;
}

export const node: Place = {
	name: "node",
	atOnce: 64,
	patience: 30,
	flash: "file",
	start: async (options) => startNodeBoard(options),
};

export const xs: Place = { name: "xs", atOnce: 24, patience: 30, flash: "file", start: startXsBoard };

let image: Promise<string> | undefined;

export const sim: Place = {
	name: "sim",
	atOnce: 4,
	patience: 60,
	flash: "folder",
	...(findSdk() === undefined ? { missing: noSdk } : {}),
	async start(options) {
		image ??= buildSimulator();
		return startSimulator({ ...options, image: await image });
	},
};
