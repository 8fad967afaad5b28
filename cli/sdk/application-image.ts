import { chmodSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { lock } from "@dynreg/cloud/internal/server/lock";
import { makeFolder } from "@dynreg/cloud/internal/server/make-folder";
import { readCertificates } from "@dynreg/node/internal/certificate-file";
import { type CloudName, cloudNames } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { firmwareFolder, libraryFolder, outputFolder } from "../state/folders.js";
import { type BuildOptions, buildApplication, type Sdk } from "./moddable-sdk.js";
import { type BoardPlatform, chipOf } from "./platform.js";
import { explainMissingToolchain } from "./toolchain.js";

export interface ApplicationImage {
	/** Of the application's manifest. */
	readonly application: string;
	/** With a factory partition, unless the application has a partition table of its own. */
	readonly factory?: boolean;
	/** `config` of the manifest. It holds the product's secret and the Wi-Fi password. */
	readonly configuration: RawConfiguration;
	/** What else is in the image. */
	readonly resources: readonly ImageResource[];
	/** Files of root certificates, which are added as they are. */
	readonly roots?: readonly string[];
}

export interface ImageResource {
	/** File name, with its ending. */
	readonly name: string;
	readonly content: Buffer;
}

/** A manifest around an application. @param folder that it is for */
export function manifestOf(folder: string, image: ApplicationImage): object {
	const { application, factory, configuration, resources, roots = [] } = image;
	const { cloud } = configuration;
	const files = [...resources.map(({ name }) => join(folder, name)), ...roots];
	// A factory partition may name another cloud, and an application includes the clouds that it wants by itself.
	const only = !factory && resolve(application) === firmwareFolder && cloudNames.find((name) => name === cloud);
	return {
		include: [
			...(factory ? [join(libraryFolder, "hosts/moddable/platforms/esp32/factory/manifest.json")] : []),
			join(resolve(application), "manifest.json"),
		],
		config: configuration,
		...(only ? { modules: modulesForCloud(only) } : {}),
		...(files.length > 0 ? { resources: { "*": files.map((file) => file.replace(/\.\w+$/, "")) } } : {}),
	};
}

/** What leaves the other clouds out of the firmware: one is up to 18 KB of an ESP8266's flash. */
function modulesForCloud(cloud: CloudName): Record<string, string | string[]> {
	const others = cloudNames.filter((name) => name !== cloud);
	return {
		"~": [
			join(firmwareFolder, "src/clouds"),
			join(firmwareFolder, "src/clouds-esp8266"),
			...others.map((name) => join(firmwareFolder, "modules/clouds", name, "*")),
		],
		"dynreg/clouds": join(firmwareFolder, "src", `clouds-${cloud}`),
	};
}

/**
 * Writes that manifest, so that its configuration is on no command line, where everybody on the machine could read
 * it, and in no file that others may read or git takes.
 *
 * @param folder for it, which is made, or emptied
 */
export function writeImage(folder: string, image: ApplicationImage): void {
	emptyFolder(folder);
	for (const { name, content } of image.resources) writeFileSync(join(folder, name), content);
	const manifest = JSON.stringify(manifestOf(folder, image), undefined, "\t");
	writeFileSync(join(folder, "manifest.json"), `${manifest}\n`, { mode: 0o600 });
}

/** Makes, or empties, a folder for its owner only, which git passes over wherever it lies. */
function emptyFolder(folder: string): void {
	rmSync(folder, { recursive: true, force: true });
	makeFolder(folder, 0o700);
	chmodSync(folder, 0o700);
	writeFileSync(join(folder, ".gitignore"), "*\n");
}

/**
 * The certificates that `ca` names as files become DER in the image; names of roots stay.
 *
 * @throws Error if a file holds no certificate
 */
export function withCertificateResources(configuration: RawConfiguration): Omit<ApplicationImage, "application"> {
	const { ca } = configuration;
	if (!Array.isArray(ca)) return { configuration, resources: [] };
	const resources: ImageResource[] = [];
	const names = ca.flatMap((name: unknown) => {
		if (typeof name !== "string" || !isAbsolute(name)) return [name];
		return certificatesIn(name).map((content) => {
			const own = `ca-${resources.length + 1}`;
			resources.push({ name: `${own}.der`, content });
			return own;
		});
	});
	return { configuration: { ...configuration, ca: names }, resources };
}

/** DER. @throws Error if the file holds no certificate */
function certificatesIn(file: string): Buffer[] {
	const found = readCertificates(file).map(({ raw }) => raw);
	if (found.length === 0) throw new Error(`${file} holds no certificate. Expected certificates in PEM, or one in DER.`);
	return found;
}

export interface UploadOptions {
	/** For the image's manifest and resources; made, or emptied. */
	readonly folder: string;
	readonly image: ApplicationImage;
	readonly platform: BoardPlatform;
	readonly port: string;
	readonly debug: boolean;
	/** Never shown, whatever the SDK's tools print. */
	readonly secrets: readonly string[];
	/** Hears of progress, a line a phase. */
	print(line: string): void;
}

/** What the SDK's tools print before each step, and what it is for people. */
const steps: readonly (readonly [RegExp, string])[] = [
	[/^# tsc /, "TypeScript …"],
	[/^# xsc /, "bytecode …"],
	[/^# xsl /, "link …"],
	[/^# cc /, "C …"],
	[/^# ld |^# Linking/i, "the image …"],
];

/**
 * Builds an image and writes it to the board. Waits for another process that does so in the same folder: the board would
 * get that one's image.
 *
 * @throws Error that says what to do
 */
export async function uploadImage(sdk: Sdk, options: UploadOptions): Promise<void> {
	const { folder, image, print } = options;
	makeFolder(dirname(folder), 0o700);
	const unlock = await lock(`${folder}.lock`, (pid) =>
		print(`Waiting for process ${pid}, which flashes this application …`),
	);
	try {
		writeImage(folder, image);
		await buildAndDeploy(sdk, options);
	} finally {
		unlock();
	}
}

async function buildAndDeploy(sdk: Sdk, options: UploadOptions): Promise<void> {
	const { folder, platform, port, debug, print } = options;
	const chip = chipOf(platform);
	const missing = explainMissingToolchain(chip, sdk.environment);
	if (missing !== undefined) throw new Error(missing);
	if (chip === "esp8266" && hasOneMegabyte(sdk.environment))
		throw new Error(
			"Boards with 1 MB of flash are not supported, because each upload overwrites half of the preferences and the credential. Use a board with 4 MB.",
		);
	const environment = { UPLOAD_PORT: port };
	print(`Building for ${platform} …`);
	await runStep(sdk, { folder, platform, debug, environment, onLine: progressPrinter(print) }, "build", options);
	if (chip === "esp8266") checkSize(mainBin(folder, debug), debug);
	print(`Writing to the board at ${port} …`);
	await runStep(sdk, { folder, platform, debug, environment }, "deploy", options);
	print(`${basename(folder)} is on the board.`);
}

/** Bytes from the image's place in flash to the preferences, on an ESP8266 with 4 MB. Neither linker nor upload looks. */
export const esp8266MaxImageBytes = 1_044_480;

/** What the SDK's makefile is told of the board, where it is not its usual one with 4 MB. */
function hasOneMegabyte({ FLASH_SIZE = "", FLASH_LAYOUT = "" }: NodeJS.ProcessEnv): boolean {
	return FLASH_SIZE === "1M" || /flash\.1m/i.test(FLASH_LAYOUT);
}

function mainBin(folder: string, debug: boolean): string {
	return join(outputFolder(folder), "bin", "esp", debug ? "debug" : "release", basename(folder), "main.bin");
}

/** @throws Error where the image would overwrite the preferences */
function checkSize(file: string, debug: boolean): void {
	const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
	if (bytes <= esp8266MaxImageBytes) return;
	const format = (count: number) => count.toLocaleString("en-US");
	const advice = debug ? "Build with --release" : "Include only one cloud";
	throw new Error(
		`The image has ${format(bytes)} bytes, ${format(bytes - esp8266MaxImageBytes)} more than the ${format(esp8266MaxImageBytes)} before an ESP8266's preferences, so nothing was written. ${advice}, or leave optional parts out of the application's manifest (docs/reference/size.md).`,
	);
}

/** @throws Error with the end of what the tools say */
async function runStep(
	sdk: Sdk,
	options: BuildOptions,
	target: "build" | "deploy",
	{ secrets, port }: UploadOptions,
): Promise<void> {
	// What the tools make of a configuration is for its owner only, too.
	const mask = process.umask(0o077);
	const { code, output } = await buildApplication(sdk, { ...options, target }).finally(() => process.umask(mask));
	if (code === 0) return;
	const said = output.trim().split("\n").slice(-15).join("\n");
	throw new Error(`${adviceFor(target, output, port)}\n${redactSecrets(said, secrets)}`);
}

function adviceFor(target: "build" | "deploy", output: string, port: string): string {
	if (target === "build") return "The image cannot be built. The SDK's tools reported:";
	if (/permission denied/i.test(output))
		return `No permission to open ${port}. Add your user to the port's group (often dialout), and log in again.`;
	if (/no such file|could not open|cannot open|suitable device/i.test(output))
		return `${port} cannot be opened. Check that the board is attached, and that no other program uses the port.`;
	if (/failed to connect|timed out/i.test(output))
		return "The board does not respond. Hold its BOOT (or FLASH) button during the upload, or try another cable.";
	return "The image cannot be written to the board. The SDK's tools reported:";
}

export function redactSecrets(text: string, secrets: readonly string[]): string {
	return secrets.reduce((shown, secret) => (secret === "" ? shown : shown.replaceAll(secret, "***")), text);
}

function progressPrinter(say: (line: string) => void): (line: string) => void {
	const printed = new Set<string>();
	return (line) => {
		const [, what] = steps.find(([pattern]) => pattern.test(line)) ?? [];
		if (what === undefined || printed.has(what)) return;
		printed.add(what);
		say(`  ${what}`);
	};
}
