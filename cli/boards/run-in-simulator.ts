import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { network } from "@dynreg/node/internal/network";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { UsageError } from "../command-line/usage-error.js";
import type { SimOptions } from "../commands/sim.js";
import { readConfigurationFile } from "../configuration/configuration-file.js";
import { defaultConfigurationFile } from "../configuration/default-file.js";
import { findSdk, missingSdkMessage } from "../sdk/moddable-sdk.js";
import { rootFolders } from "../sdk/root-certificates.js";
import { stateFolder } from "../state/folders.js";
import { buildWithProgress } from "./build-with-progress.js";
import { followBoard, reportStartFailure } from "./follow-board.js";
import { withLockedFlash } from "./lock-flash.js";
import { startBoard } from "./simulated-board.js";
import { eraseFlash } from "./simulated-flash.js";

/**
 * Builds an application for the simulator, runs it there and prints its events.
 *
 * @returns the exit code
 * @throws UsageError when there is nothing to run, Error without the SDK or when the build fails
 */
export async function runInSimulator(options: SimOptions): Promise<number> {
	const { erase, clock: now, window } = options;
	const folder = resolve(options.folder ?? ".");
	const config = checkOptions(folder, options);
	const certs = rootFolders(options.certs, folder);
	try {
		const configuration = withDeviceName(readConfigurationFile(config));
		const image = await buildWithProgress(basename(folder), { folder, certs, quiet: options.json });
		const store = options.store ?? join(stateFolder(folder), "sim");
		return await withLockedFlash(store, true, () => {
			if (erase) eraseFlash(store);
			return followBoard(options, ({ onEvent, onTrace }) =>
				startBoard({ image, configuration, store, now, window, onEvent, onTrace }),
			);
		});
	} catch (error) {
		return reportStartFailure(options, error);
	}
}

/** @returns the configuration's file @throws UsageError, Error without the SDK */
function checkOptions(folder: string, { config, window }: SimOptions): string {
	const file = config ?? resolve(folder, defaultConfigurationFile);
	if (!existsSync(resolve(folder, "manifest.json")))
		throw new UsageError(
			`The folder ${folder} has no application: manifest.json is missing. dynreg init --app makes an application.`,
		);
	if (config === undefined && !existsSync(file))
		throw new UsageError(
			`The configuration ${file} does not exist. Make a configuration with dynreg init, or name another with --config.`,
		);
	if (window && !process.env.DISPLAY)
		throw new UsageError(
			"--window needs a display, but DISPLAY is not set. Leave out --window to run without a window.",
		);
	if (findSdk() === undefined) throw new Error(`${missingSdkMessage} For details: dynreg doctor --for sim`);
	return file;
}

/** A simulated board has no MAC address, so the computer's gives the name. */
function withDeviceName(configuration: RawConfiguration): RawConfiguration {
	if (configuration.deviceName !== undefined) return configuration;
	return { ...configuration, deviceName: network.mac()?.replaceAll(":", "") };
}
