import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { network } from "@dynreg/node/internal/network";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { UsageError } from "../command-line/usage-error.js";
import type { SimOptions } from "../commands/sim.js";
import { readConfigurationFile } from "../configuration/configuration-file.js";
import { defaultConfigurationFile } from "../configuration/default-file.js";
import { findSdk, noSdk } from "../sdk/moddable.js";
import { rootFolders } from "../sdk/roots.js";
import { stateFolder } from "../state/folders.js";
import { buildShown } from "./build-shown.js";
import { failedToStart, follow } from "./follow.js";
import { eraseFlash, startBoard } from "./simulated-board.js";

/**
 * Builds an application for the simulator, runs it there and prints its events.
 *
 * @returns the exit code
 * @throws UsageError when there is nothing to run, Error without the SDK or when the build fails
 */
export async function simulate(options: SimOptions): Promise<number> {
	const { erase, clock: now, window } = options;
	const folder = resolve(options.folder ?? ".");
	const config = checked(folder, options);
	const certs = rootFolders(options.certs, folder);
	try {
		const configuration = named(readConfigurationFile(config));
		const image = await buildShown(basename(folder), { folder, certs, quiet: options.json });
		const store = options.store ?? join(stateFolder(folder), "sim");
		if (erase) eraseFlash(store);
		return await follow(options, ({ onEvent, onTrace }) =>
			startBoard({ image, configuration, store, now, window, onEvent, onTrace }),
		);
	} catch (error) {
		return failedToStart(options, error);
	}
}

/** @returns the configuration's file @throws UsageError, Error without the SDK */
function checked(folder: string, { config, window }: SimOptions): string {
	const file = config ?? resolve(folder, defaultConfigurationFile);
	if (!existsSync(resolve(folder, "manifest.json")))
		throw new UsageError(`there is no application in ${folder}: it has no manifest.json (dynreg init --app makes one)`);
	if (config === undefined && !existsSync(file))
		throw new UsageError(`there is no ${file}: make one with dynreg init, or name another with --config`);
	if (window && !process.env.DISPLAY)
		throw new UsageError("--window needs a display, and DISPLAY is not set: leave it out to run without a window");
	if (findSdk() === undefined) throw new Error(`${noSdk}; dynreg doctor --for sim says more`);
	return file;
}

/** A simulated board has no MAC address for a name; that of the computer stands for it. */
function named(configuration: RawConfiguration): RawConfiguration {
	if (configuration.deviceName !== undefined) return configuration;
	return { ...configuration, deviceName: network.mac()?.replaceAll(":", "") };
}
