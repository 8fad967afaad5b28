import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { crypto } from "@dynreg/node/internal/crypto";
import { configuredDevice } from "dynreg/clouds";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { speeds, startAttachedBoard } from "../boards/attached-board.js";
import { eventLine } from "../boards/event-line.js";
import { findSerialPort } from "../boards/serial-port.js";
import { readConfigurationFile } from "../configuration/configuration-file.js";
import { readWifi } from "../configuration/wifi.js";
import {
	type BoardPlatform,
	chipOf,
	type Image,
	manifestOf,
	readPlatform,
	upload,
	withResources,
	writeImage,
} from "../sdk/image.js";
import { findSdk, noSdk, type Sdk } from "../sdk/moddable.js";
import { checkRoots } from "../sdk/roots.js";
import { missingToolchain } from "../sdk/toolchain.js";
import { firmware, outputFolder, stateFolder } from "../state/folders.js";
import { colour } from "../terminal/colour.js";
import { LineWriter } from "../terminal/line-writer.js";
import { printable } from "../terminal/printable.js";
import { readArguments, UsageError } from "../terminal/usage.js";

export const summary = "writes the firmware, or your application, to a board and shows what it says";

const HELP = `dynreg flash: ${summary}

Usage: dynreg flash --platform esp32|esp8266 [options] [FOLDER]

  FOLDER                      of the application's manifest.json (default: dynreg's own)
  --platform NAME             esp32, esp8266, or esp32/SUBPLATFORM as the SDK names it
  --port DEVICE               where the board is attached (default: the only one there is)
  --config FILE               the board's configuration, as for dynreg board
  --factory                   leave the product out of the image: each board then reads
                              its own from its factory partition (dynreg factory)
  --ssid NAME                 the Wi-Fi network, instead of the configuration's
  --wifi-password-file FILE   holds its password; without it you are asked
  --release                   without debugger: smaller, faster, and silent
  --no-log                    do not stay and show what the board says
  --dry-run                   print what would be done, secrets left out
  --help                      this text

Secrets go into a file of your own (mode 0600) in .dynreg/flash, beside the application or
in this folder, and into the image; never onto a command line. git ignores .dynreg.

Exit codes: 0 the board was written to, 1 it was not.
`;

/** What a factory partition holds instead of the image. */
const ofTheProduct = [
	"productId",
	"productKey",
	"productSecret",
	"deviceName",
	"clientCertificate",
	"clientKey",
] as const;
/** Never shown, whoever has named it. */
const secretNames = /secret|passw|token|private|clientKey|clientCert/i;

export async function run(args: string[]): Promise<number> {
	const { values, positionals } = readArguments(args, {
		platform: { type: "string" },
		port: { type: "string" },
		config: { type: "string" },
		factory: { type: "boolean" },
		ssid: { type: "string" },
		"wifi-password-file": { type: "string" },
		release: { type: "boolean" },
		"no-log": { type: "boolean" },
		"dry-run": { type: "boolean" },
		help: { type: "boolean" },
	});
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	if (values.platform === undefined) throw new UsageError("--platform is missing: it is esp32 or esp8266");
	const platform = readPlatform(values.platform);
	const application = resolve(positionals[0] ?? firmware);
	if (positionals.length > 1) throw new UsageError(`there is one folder to flash, not ${positionals.join(" and ")}`);
	if (!existsSync(join(application, "manifest.json")))
		throw new UsageError(`there is no manifest.json in ${application}: name the folder of a Moddable application`);
	const factory = values.factory ?? false;
	if (factory && platform === "esp8266")
		throw new UsageError("an ESP8266 has no factory partition: build an image for each product (without --factory)");
	const known = configurationFor(values.config, factory, application);

	const sdk = findSdk();
	if (sdk === undefined) throw new Error(noSdk);
	const dry = values["dry-run"] ?? false;
	const missing = missingToolchain(chipOf(platform), sdk.environment);
	if (missing !== undefined && !dry) throw new Error(missing);
	checkRoots();
	// Found before anything is asked or built.
	const port = values.port ?? (dry ? "PORT" : findSerialPort());
	const wifi = dry
		? { ssid: values.ssid ?? known.ssid ?? "(asked for)", password: known.password ?? "(asked for)" }
		: await readWifi(values.ssid, values["wifi-password-file"], known);

	// A name that no other build of the application has.
	const name = application === firmware ? "dynreg" : basename(application);
	const folder = join(stateFolder(positionals[0]), "flash", `flash-${name}`);
	const image: Image = { application, factory, ...withResources({ ...known, ...wifi }) };
	const debug = !values.release;
	if (dry) {
		describe(folder, image, platform, debug, port, missing);
		return 0;
	}
	writeImage(folder, image);
	const secrets = secretsIn(image.configuration);
	await upload(sdk, { folder, platform, port, debug, secrets, say });
	if (!debug) say(`${colour(process.stdout, "green", "Done.")} A release image has no debugger: it says nothing here.`);
	else if (values["no-log"]) say(`${colour(process.stdout, "green", "Done.")} Its log was not asked for.`);
	else await follow(sdk, platform, port);
	return 0;
}

/**
 * What goes into the image.
 *
 * @throws Failure when the application is dynreg's own and could do nothing with it
 */
function configurationFor(file: string | undefined, factory: boolean, application: string): RawConfiguration {
	const given = file === undefined ? {} : readConfigurationFile(file);
	if (factory) {
		const rest = { ...given };
		for (const key of ofTheProduct) delete rest[key];
		return rest;
	}
	if (file === undefined && application !== firmware) return given;
	if (file === undefined)
		throw new UsageError(
			"--config is missing: it names the board's configuration (or --factory leaves it to the board)",
		);
	// The MAC address stands for the board's: it decides the name only.
	const { endpoints } = configuredDevice(given, crypto, "00:00:5e:00:53:01");
	for (const { host } of Object.values(endpoints))
		if (host === "localhost" || host.startsWith("127."))
			throw new UsageError(
				`${file} has an endpoint at ${host}, which for a board is the board itself: give this computer's address in its network, and start the cloud with dynreg cloud --host ADDRESS`,
			);
	return given;
}

function isSecret(key: string): boolean {
	return secretNames.test(key);
}

function secretsIn(configuration: RawConfiguration): readonly string[] {
	return Object.entries(configuration).flatMap(([key, value]) =>
		isSecret(key) && typeof value === "string" ? [value] : [],
	);
}

/** What would be done. */
function describe(
	folder: string,
	image: Image,
	platform: BoardPlatform,
	debug: boolean,
	port: string,
	missing: string | undefined,
): void {
	const shown = Object.entries(image.configuration).map(([key, value]) => [key, isSecret(key) ? "***" : value]);
	const manifest = join(folder, "manifest.json");
	const like = manifestOf(folder, { ...image, configuration: Object.fromEntries(shown) });
	const mcconfig = `UPLOAD_PORT=${port} mcconfig ${debug ? "-d " : ""}-m -p ${platform}`;
	say(`${manifest} would be, with what stands for *** in it:\n\n${JSON.stringify(like, undefined, 2)}\n`);
	for (const target of ["build", "deploy"]) say(`${mcconfig} -t ${target} -o ${outputFolder(folder)} ${manifest}`);
	if (debug) say(`serial2xsbug ${port} ${speeds[chipOf(platform)]} 8N1`);
	say(`\nNothing was done.${missing === undefined ? "" : ` Nor could it be: ${missing}`}`);
}

/** Shows what the board says until it is interrupted. */
async function follow(sdk: Sdk, platform: BoardPlatform, port: string): Promise<void> {
	say("The board begins; what it says (end with Ctrl-C):\n");
	const lines = new LineWriter(process.stdout);
	const board = await startAttachedBoard({
		sdk,
		chip: chipOf(platform),
		port,
		onEvent: (event) => lines.write(eventLine(event)),
		onTrace: (line) => lines.write(printable(line)),
	});
	process.once("SIGINT", board.kill).once("SIGTERM", board.kill);
	const { killed, message } = await board.exited;
	process.off("SIGINT", board.kill).off("SIGTERM", board.kill);
	if (!killed) throw new Error(message);
}

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}
