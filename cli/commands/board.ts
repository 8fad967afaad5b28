import type { Board, BoardOptions } from "@dynreg/node/internal/board";
import { followExitCodes, followOptions } from "../boards/follow-options.js";
import { defineCommand } from "../command-line/command.js";
import { choiceOption, dateOption, textOption } from "../command-line/option.js";
import { certsOption } from "../sdk/certs-option.js";
import { useTemporaryFolder } from "../state/temporary-folder.js";

const hosts = ["xs", "node", "sim"] as const;

export const command = defineCommand({
	options: {
		config: textOption(
			"FILE",
			"the board's configuration, JSON; names of files in the configuration are relative to it",
			{
				required: "the file of the board's configuration",
			},
		),
		host: choiceOption(
			"HOST",
			hosts,
			"the engine for the firmware: the bare XS engine, Node, or the Moddable simulator, which needs the SDK; " +
				"the simulator's console takes the commands state, register, erase, now",
			{ default: "xs" },
		),
		store: textOption(
			"FILE",
			"keep the board's flash, with the device's secret, in this file; for --host sim in this folder",
			{ otherwise: "empty flash at each start" },
		),
		certs: certsOption,
		clock: dateOption("the board's clock at power-up, ISO 8601, such as 1970-01-01 or 2099-12-31T23:59:59Z", {
			otherwise: "the computer's clock",
		}),
		...followOptions,
	},
	notes: [
		"A configuration for dynreg cloud:",
		`  {"cloud": "tencent", "productId": "PRODUCT0ID", "productSecret": "at-least-16-characters",
   "deviceName": "board-1", "startupJitter": 0, "ca": "FILE", "endpoints":
   {"register": "https://127.0.0.1:PORT", "mqtt": "mqtts://127.0.0.1:PORT"}}`,
	],
	exitCodes: followExitCodes,
	async run(values) {
		useTemporaryFolder();
		const { followBoard, reportStartFailure } = await import("../boards/follow-board.js");
		const { withLockedFlash } = await import("../boards/lock-flash.js");
		const { readConfigurationFile } = await import("../configuration/configuration-file.js");
		const { rootFolders } = await import("../sdk/root-certificates.js");
		const { store, clock } = values;
		const certs = rootFolders(values.certs);
		try {
			const configuration = readConfigurationFile(values.config);
			return await withLockedFlash(store, values.host === "sim", () =>
				followBoard(values, ({ onEvent }) => start(values, { configuration, store, certs, now: clock, onEvent })),
			);
		} catch (error) {
			return reportStartFailure(values, error);
		}
	},
});

/** The XS host brings a bundler with it, the simulator a build: each is loaded when it is asked for. */
async function start(
	{ host, json }: { readonly host: (typeof hosts)[number]; readonly json: boolean },
	options: BoardOptions,
): Promise<Board> {
	if (host === "node") return (await import("@dynreg/node/internal/board")).startBoard(options);
	if (host === "sim") {
		const { buildWithProgress } = await import("../boards/build-with-progress.js");
		const { startBoard } = await import("../boards/simulated-board.js");
		const { certs } = options;
		const image = process.env.DYNREG_SIM_IMAGE ?? (await buildWithProgress("the firmware", { certs, quiet: json }));
		return startBoard({ ...options, image });
	}
	const { loadXs } = await import("../boards/load-xs.js");
	return (await loadXs()).startBoard(options);
}
