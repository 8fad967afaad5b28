import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sdkFolder, sdkVersion } from "../sdk/moddable-sdk.js";
import { systemReason } from "../terminal/system-message.js";
import { type Check, missing, ok, warning } from "./check.js";
import { isFolder, isProgram, type Machine } from "./machine.js";

/** The SDK that this project is tested with, as its `tools/VERSION` has it. */
const tested = "8.2.3";

const purposesWithSdk = ["sim", "esp32", "esp8266"] as const;
const setUpCommand = "npm install --global xs-dev && xs-dev setup";

/** The Moddable SDK's sources. */
export function checkSdk({ environment }: Machine): Check {
	const folder = sdkFolder(environment);
	const check = { id: "sdk", title: "Moddable SDK", for: purposesWithSdk } as const;
	if (!isFolder(join(folder, "modules"))) {
		const problem = accessProblem(folder);
		if (problem !== undefined)
			return {
				...check,
				...missing(`${folder} cannot be read: ${problem}`, `Give your user read access to ${folder}.`),
			};
		const place = environment.MODDABLE ? `MODDABLE is ${folder}, but` : `MODDABLE is not set, and`;
		return { ...check, ...missing(`${place} there is no SDK at ${folder}`, setUpCommand) };
	}
	const version = sdkVersion(folder);
	return {
		...check,
		...(version === tested
			? ok(`${version} at ${folder}`)
			: warning(
					`${version === "unknown" ? "an unknown version" : version} at ${folder}; dynreg is tested with ${tested}`,
					`git -C ${folder} fetch --tags && git -C ${folder} checkout ${tested}, then build its tools`,
				)),
	};
}

/** The SDK's programs, which are built from its sources. */
export function checkSdkTools({ environment, platform }: Machine): Check {
	const folder = sdkFolder(environment);
	const system = platform === "darwin" ? "mac" : "lin";
	const tools = join(folder, "build", "bin", system, "release");
	// On macOS the simulator is an application of another kind, which dynreg does not run.
	const programs = ["mcconfig", "xsc", "xsl", ...(system === "lin" ? ["mcsim"] : [])];
	const lacking = programs.filter((name) => !isProgram(join(tools, name)));
	return {
		id: "sdk-tools",
		title: "The SDK's tools",
		for: purposesWithSdk,
		...(lacking.length === 0
			? ok(programs.join(", "))
			: missing(
					`${lacking.join(", ")} not in ${tools}`,
					isFolder(join(folder, "modules")) ? `cd ${folder}/build/makefiles/${system} && make` : setUpCommand,
				)),
	};
}

/** The version of ESP-IDF that the SDK's makefiles insist on. */
export function expectedEspIdf({ environment }: Machine): string {
	const file = join(sdkFolder(environment), "build", "devices", "esp32", "manifest.json");
	const manifest = readText(file);
	return /"EXPECTED_ESP_IDF":\s*"([^"]+)"/.exec(manifest)?.[1] ?? "v6.0";
}

/** Why an existing folder cannot be read; undefined if it can, or does not exist. */
function accessProblem(folder: string): string | undefined {
	try {
		readdirSync(folder);
		return undefined;
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		return code === "ENOENT" || code === "ENOTDIR" ? undefined : systemReason(error as NodeJS.ErrnoException);
	}
}

/** Empty if the file cannot be read. */
function readText(file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch {
		return "";
	}
}
