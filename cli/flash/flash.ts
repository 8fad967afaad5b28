import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { findSerialPort } from "../boards/serial-port.js";
import { UsageError } from "../command-line/usage-error.js";
import type { FlashOptions } from "../commands/flash.js";
import { readWifi } from "../configuration/wifi.js";
import { type ApplicationImage, uploadImage, withCertificateResources } from "../sdk/application-image.js";
import { includesSetup } from "../sdk/includes-setup.js";
import { requireSdk, type Sdk } from "../sdk/moddable-sdk.js";
import { type BoardPlatform, chipOf } from "../sdk/platform.js";
import { checkRoots, rootFolders, rootsToAdd } from "../sdk/root-certificates.js";
import { explainMissingToolchain } from "../sdk/toolchain.js";
import { firmwareFolder, stateFolder } from "../state/folders.js";
import { colour } from "../terminal/colour.js";
import { print } from "../terminal/print.js";
import { imageConfiguration, secretValues } from "./board-configuration.js";
import { printDryRun } from "./dry-run.js";
import { followAttachedBoard } from "./follow-attached-board.js";

/** An image, and where and how it is written. */
export interface FlashPlan {
	readonly sdk: Sdk;
	/** For the image's manifest and resources. */
	readonly folder: string;
	readonly image: ApplicationImage;
	readonly platform: BoardPlatform;
	readonly port: string;
	readonly debug: boolean;
	/** What the chip's toolchain lacks. */
	readonly missing: string | undefined;
}

/**
 * Builds an image, writes it to a board and prints what the board says.
 *
 * @returns the exit code
 * @throws UsageError, Failure for a configuration that the firmware does not take, Error that says what to do
 */
export async function flash(options: FlashOptions): Promise<number> {
	const plan = await planFlash(options);
	if (options["dry-run"]) {
		printDryRun(plan);
		return 0;
	}
	const { sdk, folder, image, platform, port, debug } = plan;
	const secrets = secretValues(image.configuration);
	await uploadImage(sdk, { folder, image, platform, port, debug, secrets, print });
	const done = colour(process.stdout, "green", "Done.");
	if (!debug) print(`${done} A release image prints no log.`);
	else if (options["no-log"]) print(`${done} The log is not shown (--no-log).`);
	else await followAttachedBoard(sdk, platform, port);
	return 0;
}

/** With set-up mode, a board needs no network in its image. */
async function wifiOf(
	{ ssid, "wifi-password-file": file, "dry-run": dryRun }: FlashOptions,
	known: RawConfiguration,
	application: string,
): Promise<RawConfiguration> {
	if (ssid === undefined && !known.ssid && includesSetup(application)) {
		print("The image has no Wi-Fi network: the board opens set-up mode.");
		return {};
	}
	return dryRun
		? { ssid: ssid ?? known.ssid ?? "(asked for)", password: known.password ?? "(asked for)" }
		: { ...(await readWifi(ssid, file, known)) };
}

async function planFlash(options: FlashOptions): Promise<FlashPlan> {
	const { platform, factory, "dry-run": dryRun } = options;
	const application = resolve(options.folder ?? firmwareFolder);
	if (!existsSync(join(application, "manifest.json")))
		throw new UsageError(`The folder ${application} has no manifest.json. Name the folder of a Moddable application.`);
	if (factory && platform === "esp8266")
		throw new UsageError(
			"An ESP8266 has no factory partition. Leave out --factory, and build an image for each product.",
		);
	const known = imageConfiguration(options.config, factory, application);

	const sdk = requireSdk();
	const missing = explainMissingToolchain(chipOf(platform), sdk.environment);
	if (missing !== undefined && !dryRun) throw new Error(missing);
	const folders = rootFolders(options.certs, options.folder);
	checkRoots(folders);
	// Found before anything is asked or built.
	const port = options.port ?? (dryRun ? "PORT" : findSerialPort());
	const wifi = await wifiOf(options, known, application);
	// A name that no other build of the application has.
	const name = application === firmwareFolder ? "dynreg" : basename(application);
	return {
		sdk,
		folder: join(stateFolder(options.folder), "flash", `flash-${name}`),
		image: { application, factory, ...withCertificateResources({ ...known, ...wifi }), roots: rootsToAdd(folders) },
		platform,
		port,
		debug: !options.release,
		missing,
	};
}
