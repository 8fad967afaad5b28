import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { lock } from "@dynreg/cloud/internal/server/lock";
import { makeFolder } from "@dynreg/cloud/internal/server/make-folder";
import { spawnTied } from "../boards/spawn-tied.js";
import { buildFolder, libraryFolder, outputFolder, stateFolder } from "../state/folders.js";

/** An installed Moddable SDK, its tools built for this computer. */
export interface Sdk {
	readonly folder: string;
	/** `mcconfig`, `xsc`, `xsl` and the rest. */
	readonly tools: string;
	/** The simulator's program. */
	readonly simulator: string;
	/** Its picture of a device. */
	readonly simulators: string;
	/** For the SDK's tools; it puts them and dynreg's TypeScript on the path. */
	readonly environment: NodeJS.ProcessEnv;
}

/** In a clone. */
export { libraryFolder as project } from "../state/folders.js";

/** Where builds of what is in the project go. The SDK's tools make `bin` and `tmp` in it. */
export const defaultBuildFolder = buildFolder();

/** What `make` has made of an application for the simulator. */
export function simulatorImageFile(folder: string): string {
	return join(outputFolder(folder), "bin", "lin", "mc", "debug", basename(resolve(libraryFolder, folder)), "mc.so");
}

/** What a person without the SDK is told. */
export const missingSdkMessage =
	"The Moddable SDK was not found, or its tools are not built. Install the SDK with: npm i -g xs-dev && xs-dev setup";

/** Where the SDK is, if it is anywhere: `$MODDABLE`, else where xs-dev puts it. */
export function sdkFolder(environment: NodeJS.ProcessEnv = process.env): string {
	return environment.MODDABLE || join(environment.HOME ?? homedir(), ".local", "share", "moddable");
}

/** The SDK with its tools built; undefined if there is none. Linux only. */
export function findSdk(): Sdk | undefined {
	const folder = sdkFolder();
	const tools = join(folder, "build", "bin", "lin", "release");
	if (!existsSync(join(tools, "mcconfig"))) return undefined;
	const path = [tools, compilerFolder(), process.env.PATH].join(delimiter);
	return {
		folder,
		tools,
		simulator: join(tools, "mcsim"),
		simulators: join(folder, "build", "simulators"),
		environment: { ...process.env, MODDABLE: folder, PATH: path },
	};
}

/** Of `tsc`, which mcconfig runs. */
function compilerFolder(): string {
	return fileURLToPath(new URL("./bin", import.meta.resolve("typescript/package.json")));
}

/** @throws Error that says how to install it when there is none */
export function requireSdk(): Sdk {
	const sdk = findSdk();
	if (sdk === undefined) throw new Error(missingSdkMessage);
	return sdk;
}

/** As the SDK calls itself; "unknown" where it does not. */
export function sdkVersion(folder = sdkFolder()): string {
	const file = join(folder, "tools", "VERSION");
	try {
		return readFileSync(file, "utf8").trim();
	} catch {
		return "unknown";
	}
}

export interface BuildOptions {
	/** Folder of the manifest: absolute, or within the library. */
	readonly folder: string;
	/** As the SDK names it: a subplatform stands behind a slash. */
	readonly platform: "sim" | "esp32" | "esp8266" | `esp32/${string}`;
	readonly debug: boolean;
	/** What `make` is to make; default: everything. */
	readonly target?: string;
	/** `key=value` for the manifest's configuration. */
	readonly configuration?: readonly string[];
	/** Over the SDK's own. */
	readonly environment?: NodeJS.ProcessEnv;
	/** Hears of each line that the tools print. */
	readonly onLine?: (line: string) => void;
	/** Called where another process, with this id, builds in the same place. */
	readonly onWait?: (pid: number) => void;
}

export interface BuildResult {
	readonly code: number;
	/** All that the tools have printed. */
	readonly output: string;
}

/**
 * Builds a manifest. Nothing is written into the SDK's own folders. One build at a time:
 * several processes may ask for the same.
 *
 * @throws Error where `make` cannot build
 */
export async function buildApplication(sdk: Sdk, options: BuildOptions): Promise<BuildResult> {
	const { folder, platform, debug, target = "build", configuration = [] } = options;
	const place = outputFolder(folder);
	for (const path of [place, resolve(libraryFolder, folder), libraryFolder])
		if (/\s/.test(path))
			throw new Error(`make cannot build in a folder whose path has a space. Move ${path} to another path.`);
	if (basename(dirname(place)) === ".dynreg") stateFolder(dirname(dirname(place)));
	makeFolder(place, 0o700);
	const unlock = await lock(join(place, ".building"), options.onWait);
	try {
		const manifest = resolve(libraryFolder, folder, "manifest.json");
		const parameters = [...(debug ? ["-d"] : []), "-m", "-p", platform, "-t", target, "-o", place, manifest];
		const environment = { ...sdk.environment, ...options.environment };
		const child = spawnTied("mcconfig", [...parameters, ...configuration], { env: environment, output: true });
		let printed = "";
		let rest = "";
		const onData = (text: Buffer) => {
			printed += text;
			const lines = (rest + text).split("\n");
			rest = lines.pop() ?? "";
			for (const line of lines) options.onLine?.(line);
		};
		child.stdout?.on("data", onData);
		child.stderr?.on("data", onData);
		const code = await new Promise<number>((resolve, reject) => {
			child.once("error", reject);
			child.once("close", (status) => resolve(status ?? 1));
		});
		return { code, output: printed };
	} finally {
		unlock();
	}
}
