import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import type { Board, BoardOptions, Exit } from "@dynreg/node/internal/board";
import { writeImage } from "../sdk/image.js";
import { build, requireSdk, type Sdk, simulatorImage } from "../sdk/moddable.js";
import { checkRoots, rootFolders, rootsToAdd } from "../sdk/roots.js";
import { firmware, library, stateFolder } from "../state/folders.js";
import { type Display, openDisplay, ownDisplay } from "./display.js";
import { eventIn } from "./event-line.js";
import { kill, spawnTied } from "./spawn-tied.js";
import { startDebugger } from "./xsbug.js";

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
	/** What the engine measures once a second, in bytes. */
	onMeters?(meters: ReadonlyMap<string, number>): void;
}

/** What `dynreg/local-control` traces. */
const consoleIsOpen = "dynreg: console";

export interface SimulatedBoard extends Board {
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
	folder = firmware,
	{ certs = rootFolders(undefined, library), onLine, onWait }: SimulatorBuild = {},
): Promise<string> {
	const sdk = requireSdk();
	checkRoots(certs);
	const application = withRoots(folder, rootsToAdd(certs));
	const listeners = { ...(onLine && { onLine }), ...(onWait && { onWait }) };
	const built = await build(sdk, { folder: application, platform: "sim", debug: true, ...listeners });
	if (built.code !== 0) throw new Error(`the firmware cannot be built for the simulator:\n${complaints(built.output)}`);
	return simulatorImage(application);
}

/** @returns the folder of a manifest around the application's, if there is anything to add to it */
function withRoots(folder: string, roots: readonly string[]): string {
	if (roots.length === 0) return folder;
	const application = resolve(library, folder);
	const image = join(stateFolder(application === firmware ? "." : application), "sim-image", basename(application));
	writeImage(image, { application, configuration: {}, resources: [], roots });
	return image;
}

/** What the tools have printed without the steps that went well: "# cc main.c". */
function complaints(output: string): string {
	return output.replaceAll(/^# \w+ \S+\n/gm, "").trim();
}

/**
 * Switches on a board: the firmware in the Moddable simulator. Its flash is a file in the folder `store`.
 *
 * @throws Error when there is no SDK, or the firmware cannot be built
 */
export async function startBoard(options: SimulatedBoardOptions): Promise<SimulatedBoard> {
	const { configuration, store, now, onEvent, onTrace, onMeters } = options;
	const sdk = requireSdk();
	const image =
		options.image ?? process.env.DYNREG_SIM_IMAGE ?? (await buildSimulator(firmware, { certs: options.certs }));
	// The simulator runs in it, so the name must hold from anywhere.
	const folder = store === undefined ? await mkdtemp(join(tmpdir(), "dynreg-sim-")) : resolve(store);
	// For its owner only: the simulator writes the device's secret there.
	await mkdir(settings(folder), { recursive: true, mode: 0o700 });
	// It holds the product's secret.
	await writeFile(join(folder, "dynreg.json"), JSON.stringify({ ...configuration, now }), { mode: 0o600 });

	let killed = false;
	let hasConsole = false;
	let message = "the simulator has ended by itself";
	const xsbug = await startDebugger({
		onLine(line) {
			const event = eventIn(line, configuration);
			if (killed) return;
			if (line === consoleIsOpen) {
				hasConsole = true;
				return;
			}
			if (event) onEvent(event);
			else onTrace?.(line);
		},
		onMeters: (meters) => onMeters?.(meters),
		onBreak(text) {
			message = `the firmware has come to an end: ${text.trim()}`;
		},
		onClose: () => kill(simulator),
	});
	const display = options.window ? ownDisplay() : await openDisplay();
	const simulator = spawnTied(sdk.simulator, [sdk.simulators, image], {
		cwd: folder,
		isPrivate: true,
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
		send(line) {
			if (hasConsole) xsbug.send(line);
			return hasConsole;
		},
		kill() {
			killed = true;
			kill(simulator);
		},
	};
}

/** Forgets what a board has in its flash: the file that the SDK's `Preference` is in the simulator. */
export function eraseFlash(store: string): void {
	rmSync(join(store, "modpreferences.json"), { force: true });
}

function environment(sdk: Sdk, display: Display, port: number, folder: string): NodeJS.ProcessEnv {
	return {
		...sdk.environment,
		DISPLAY: display.name,
		XSBUG_HOST: "127.0.0.1",
		XSBUG_PORT: String(port),
		// The simulator copies the image there before it loads it: two simulators must not share it.
		XDG_CONFIG_HOME: settings(folder),
		// With a session bus the second simulator would hand its board to the first and leave.
		DBUS_SESSION_BUS_ADDRESS: "disabled:",
		NO_AT_BRIDGE: "1",
		GSETTINGS_BACKEND: "memory",
	};
}

/** Where the simulator keeps what it does. */
function settings(folder: string): string {
	return join(folder, "simulator");
}
