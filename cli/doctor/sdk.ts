import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sdkFolder, sdkVersion } from "../sdk/moddable.js";
import { type Check, missing, ok, warning } from "./check.js";
import { isFolder, isProgram, type Machine } from "./machine.js";

/** The SDK that this project is tested with, as its `tools/VERSION` has it. */
const tested = "8.2.3";

const wanting = ["sim", "esp32", "esp8266"] as const;
const setUp = "npm install --global xs-dev && xs-dev setup";

/** The Moddable SDK's sources. */
export function sdk({ environment }: Machine): Check {
	const folder = sdkFolder(environment);
	const check = { id: "sdk", title: "Moddable SDK", for: wanting } as const;
	if (!isFolder(join(folder, "modules"))) {
		const place = environment.MODDABLE ? `MODDABLE is ${folder}, and` : `MODDABLE is not set, and`;
		return { ...check, ...missing(`${place} there is no SDK at ${folder}`, setUp) };
	}
	const version = sdkVersion(folder);
	return {
		...check,
		...(version === tested
			? ok(`${version} at ${folder}`)
			: warning(
					`${version === "unknown" ? "of an unknown version" : version} at ${folder}; dynreg is tested with ${tested}`,
					`git -C ${folder} fetch --tags && git -C ${folder} checkout ${tested}, then build its tools`,
				)),
	};
}

/** The SDK's programs, which are built from its sources. */
export function sdkTools({ environment, platform }: Machine): Check {
	const folder = sdkFolder(environment);
	const system = platform === "darwin" ? "mac" : "lin";
	const tools = join(folder, "build", "bin", system, "release");
	// On macOS the simulator is an application of another kind, which dynreg does not run.
	const programs = ["mcconfig", "xsc", "xsl", ...(system === "lin" ? ["mcsim"] : [])];
	const lacking = programs.filter((name) => !isProgram(join(tools, name)));
	return {
		id: "sdk-tools",
		title: "The SDK's tools",
		for: wanting,
		...(lacking.length === 0
			? ok(programs.join(", "))
			: missing(
					`${lacking.join(", ")} not in ${tools}`,
					isFolder(join(folder, "modules")) ? `cd ${folder}/build/makefiles/${system} && make` : setUp,
				)),
	};
}

/** The version of ESP-IDF that the SDK's makefiles insist on. */
export function expectedIdf({ environment }: Machine): string {
	const file = join(sdkFolder(environment), "build", "devices", "esp32", "manifest.json");
	const manifest = existsSync(file) ? readFileSync(file, "utf8") : "";
	return /"EXPECTED_ESP_IDF":\s*"([^"]+)"/.exec(manifest)?.[1] ?? "v6.0";
}
