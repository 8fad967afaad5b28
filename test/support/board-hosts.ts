/** What boards run on in tests. All start in this process, and share one time with the local clouds that they meet. */

import { buildSimulator, startBoard as startSimulator } from "@dynreg/cli/internal/boards/simulated-board";
import { findSdk, missingSdkMessage } from "@dynreg/cli/internal/sdk/moddable-sdk";
import { type Board, type BoardOptions, scaledTime, startBoard as startNodeBoard, type TimeSource } from "@dynreg/node";
import { realTime } from "@dynreg/node/internal/time-source";
import { startBoard as startXsBoard } from "@dynreg/xs/internal/board";

export interface BoardHost {
	readonly name: "node" | "xs" | "sim" | "chip";
	/** How many boards this computer takes at once. */
	readonly maxBoards: number;
	/** Seconds of board time that pass in a real one. */
	readonly scale: number;
	readonly time: TimeSource;
	/** What a board keeps its flash in. */
	readonly flash: "file" | "folder";
	/** Why there can be no boards here, if so. */
	readonly missingReason?: string;
	start(options: BoardOptions): Promise<Board>;
}

/** The same boards, in real time. */
export function realTimeHost(host: BoardHost): BoardHost {
	return withTime(host, realTime, 1);
}

/** The same boards where their time is scaled, in a third of its speed: for what takes a desktop's engine its time. */
export function slowerHost(host: BoardHost): BoardHost {
	return host.scale > 1 ? withTime(host, slowerTime, slowerScale) : host;
}

function withTime(host: BoardHost, time: TimeSource, scale: number): BoardHost {
	return { ...host, scale, time, start: (options) => host.start({ timeScale: time, ...options }) };
}

const scale = 30;
const time = scaledTime(scale);
const slowerScale = 10;
const slowerTime = scaledTime(slowerScale);

export const nodeHost: BoardHost = {
	name: "node",
	maxBoards: 32,
	scale,
	time,
	flash: "file",
	start: async (options) => startNodeBoard({ timeScale: time, ...options }),
};

export const xsHost: BoardHost = {
	name: "xs",
	maxBoards: 16,
	scale,
	time,
	flash: "file",
	start: (options) => startXsBoard({ timeScale: time, ...options }),
};

let image: Promise<string> | undefined;

export const simulatorHost: BoardHost = {
	name: "sim",
	maxBoards: 6,
	scale: 1,
	time: realTime,
	flash: "folder",
	...(findSdk() === undefined ? { missingReason: missingSdkMessage } : {}),
	async start(options) {
		image ??= Promise.resolve(process.env.DYNREG_SIM_IMAGE ?? buildSimulator());
		return startSimulator({ ...options, image: await image });
	},
};
