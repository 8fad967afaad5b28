/** What boards run on in tests. All start in this process, and share one time with the local clouds that they meet. */

import { buildSimulator, startBoard as startSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, noSdk } from "@dynreg/cli/internal/sdk/moddable";
import { type Board, type BoardOptions, scaledTime, startBoard as startNodeBoard, type Time } from "@dynreg/node";
import { realTime } from "@dynreg/node/internal/time";
import { startBoard as startXsBoard } from "@dynreg/xs/internal/board";

export interface BoardHost {
	readonly name: "node" | "xs" | "sim";
	/** How many boards this computer takes at once. */
	readonly atOnce: number;
	/** Seconds of board time that pass in a real one. */
	readonly scale: number;
	readonly time: Time;
	/** What a board keeps its flash in. */
	readonly flash: "file" | "folder";
	/** Why there can be no boards here, if so. */
	readonly missing?: string;
	start(options: BoardOptions): Promise<Board>;
}

/** The same boards, in real time. */
export function unscaled(host: BoardHost): BoardHost {
	return { ...host, scale: 1, time: realTime, start: (options) => host.start({ timeScale: realTime, ...options }) };
}

const scale = 30;
const time = scaledTime(scale);

export const node: BoardHost = {
	name: "node",
	atOnce: 32,
	scale,
	time,
	flash: "file",
	start: async (options) => startNodeBoard({ timeScale: time, ...options }),
};

export const xs: BoardHost = {
	name: "xs",
	atOnce: 16,
	scale,
	time,
	flash: "file",
	start: (options) => startXsBoard({ timeScale: time, ...options }),
};

let image: Promise<string> | undefined;

export const sim: BoardHost = {
	name: "sim",
	atOnce: 4,
	scale: 1,
	time: realTime,
	flash: "folder",
	...(findSdk() === undefined ? { missing: noSdk } : {}),
	async start(options) {
		image ??= Promise.resolve(process.env.DYNREG_SIM_IMAGE ?? buildSimulator());
		return startSimulator({ ...options, image: await image });
	},
};
