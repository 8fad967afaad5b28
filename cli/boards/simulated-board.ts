import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { Board, BoardOptions, Exit } from "@dynreg/node/internal/board";
import { writeImage } from "../sdk/application-image.js";
import { buildErrors } from "../sdk/build-errors.js";
import { buildApplication, requireSdk, type Sdk, simulatorImageFile } from "../sdk/moddable-sdk.js";
import { checkRoots, rootFolders, rootsToAdd } from "../sdk/root-certificates.js";
import { firmwareFolder, libraryFolder, stateFolder } from "../state/folders.js";
import { type Display, openVirtualDisplay, userDisplay } from "./display.js";
import { parseEvent } from "./event-line.js";
import { prepareFlash, simulatorFolder } from "./simulated-flash.js";
import { killTied, spawnTied } from "./spawn-tied.js";
import { startXsbugServer } from "./xsbug-server.js";

export interface SimulatedBoardOptions extends BoardOptions {
	/**
	 * Default: what `DYNREG_SIM_IMAGE` names, for runs of many boards, or else dynreg's own application, built with the
	 * private roots that are in `certs`.
	 */
	readonly image?: string;
	/** With the simulator's window, on the display of this process. */
	readonly window?: boolean | undefined;
	/** Anything in the trace that is not an event. */
	onTrace?(line: string): void;
	/** The engine's meters, once a second, in bytes. */
	onMeters?(meters: ReadonlyMap<string, number>): void;
}

/** What `dynreg/local-control` traces. */
const consoleReadyLine = "dynreg: console";

export interface SimulatedBoard extends Board {
	/** The id of its process group, for measurements. */
	readonly group: number | undefined;
	/** Types a line into its console. @returns whether it has one, by now */
	send(line: string): boolean;
}

export interface SimulatorBuild {
	/** Folders of private roots. */
	readonly certs?: readonly string[] | undefined;
	/** Called with each line that the tools print. */
	onLine?(line: string): void;
	/** Called where another process, with this id, builds in the same place. */
	onWait?(pid: number): void;
}

/**
 * Builds an application for the simulator.
 *
 * @param folder of its manifest: absolute, or within the library
 * @returns the image
 * @throws Error with what the SDK's tools say
 */
export async function buildSimulator(
	folder = firmwareFolder,
	{ certs = rootFolders(undefined, libraryFolder), onLine, onWait }: SimulatorBuild = {},
): Promise<string> {
	const sdk = requireSdk();
	checkRoots(certs);
	const application = withRoots(folder, rootsToAdd(certs));
	const listeners = { ...(onLine && { onLine }), ...(onWait && { onWait }) };
	const built = await buildApplication(sdk, { folder: application, platform: "sim", debug: true, ...listeners });
	if (built.code !== 0)
		throw new Error(
			`The application cannot be built for the simulator. The SDK's tools reported:\n${buildErrors(built.output)}`,
		);
	const [, twice] = /overriding recipe for target '.*\/(dynreg\/[^']+)\.xsb'/.exec(built.output) ?? [];
	if (twice !== undefined)
		throw new Error(
			`The module ${twice} has two files, of which the SDK's tools take either. Remove the other one in your manifest, with "~" in "modules".`,
		);
	return simulatorImageFile(application);
}

/** @returns the folder of a manifest around the application's, if there is anything to add to it */
function withRoots(folder: string, roots: readonly string[]): string {
	if (roots.length === 0) return folder;
	const application = resolve(libraryFolder, folder);
	const image = join(
		stateFolder(application === firmwareFolder ? "." : application),
		"sim-image",
		basename(application),
	);
	writeImage(image, { application, configuration: {}, resources: [], roots });
	return image;
}

/**
 * Switches on a board: the firmware in the Moddable simulator. Its flash is a file in the folder `store`.
 *
 * @throws Error when there is no SDK, or the firmware cannot be built; Failure `storage-failed` if `store` cannot be written
 */
export async function startBoard(options: SimulatedBoardOptions): Promise<SimulatedBoard> {
	const { configuration, store, now, onEvent, onTrace, onMeters } = options;
	const sdk = requireSdk();
	const image =
		options.image ?? process.env.DYNREG_SIM_IMAGE ?? (await buildSimulator(firmwareFolder, { certs: options.certs }));
	// The simulator runs in it, so the name must hold from anywhere.
	const folder = store === undefined ? await mkdtemp(join(tmpdir(), "dynreg-sim-")) : resolve(store);
	prepareFlash(folder, { ...configuration, now });

	let killed = false;
	let hasConsole = false;
	let message = "The simulator ended. Start the board again.";
	const xsbug = await startXsbugServer({
		onLine(line) {
			const event = parseEvent(line, configuration);
			if (killed) return;
			if (line === consoleReadyLine) {
				hasConsole = true;
				return;
			}
			if (event) onEvent(event);
			else onTrace?.(line);
		},
		onMeters: (meters) => onMeters?.(meters),
		onBreak(text) {
			message = `The firmware stopped: ${text.trim()}`;
		},
		onClose: () => killTied(simulator),
	});
	const display = options.window ? userDisplay() : await openVirtualDisplay();
	const simulator = spawnTied(sdk.simulator, [sdk.simulators, image], {
		cwd: folder,
		isPrivate: true,
		blocksPipe: true,
		env: environment(sdk, display, xsbug.port, folder),
	});
	const exited = new Promise<Exit>((end) => {
		simulator.once("close", async () => {
			simulator.stdin?.destroy();
			xsbug.close();
			display.close();
			if (store === undefined) await rm(folder, { recursive: true, force: true });
			end({ killed, message: killed ? "" : message });
		});
	});
	return {
		exited,
		group: simulator.pid,
		send(line) {
			if (hasConsole) xsbug.send(line);
			return hasConsole;
		},
		kill() {
			killed = true;
			killTied(simulator);
		},
	};
}

function environment(sdk: Sdk, display: Display, port: number, folder: string): NodeJS.ProcessEnv {
	return {
		...sdk.environment,
		DISPLAY: display.name,
		XSBUG_HOST: "127.0.0.1",
		XSBUG_PORT: String(port),
		// The simulator copies the image there before it loads it: two simulators must not share it.
		XDG_CONFIG_HOME: simulatorFolder(folder),
		// With a session bus the second simulator would hand its board to the first and leave.
		DBUS_SESSION_BUS_ADDRESS: "disabled:",
		NO_AT_BRIDGE: "1",
		GSETTINGS_BACKEND: "memory",
	};
}
