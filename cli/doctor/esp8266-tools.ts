import { join } from "node:path";
import { type Check, missing, ok, warning } from "./check.js";
import { homePath, isFolder, isProgram, type Machine, outputOf } from "./machine.js";

const setUpCommand = "xs-dev setup --device esp8266";
const release = "https://github.com/Moddable-OpenSource/tools/releases/download/v1.0.0";
const rtosBranch = "release/v3.2";

/** Where the SDK's makefile looks for the three parts: `$ESP_BASE`, else `~/esp`. */
function toolsFolder(machine: Machine): string {
	return machine.environment.ESP_BASE || homePath(machine, "esp");
}

/** Where xs-dev puts them, if they are there and the SDK will not find them. */
function xsDevFolder(machine: Machine): string | undefined {
	const place = homePath(machine, ".local", "share", "esp");
	return !machine.environment.ESP_BASE && isFolder(place) && !isFolder(toolsFolder(machine)) ? place : undefined;
}

/** The three parts that an ESP8266's firmware is built with, in the versions that the SDK names. */
export function checkEsp8266Tools(machine: Machine): Check[] {
	const folder = toolsFolder(machine);
	const place = xsDevFolder(machine);
	const system = machine.platform === "darwin" ? "Darwin" : "Linux";
	const parts = [
		{
			id: "esp8266-toolchain",
			title: "lx106 compiler",
			path: join(folder, "toolchain", system, "xtensa-lx106-elf"),
			is: (path: string) => isProgram(join(path, "bin", "xtensa-lx106-elf-gcc")),
			manualCommand: `curl -L ${release}/esp8266.toolchain.${system.toLowerCase()}.tgz | tar xz -C ${folder}`,
		},
		{
			id: "esp8266-arduino",
			title: "Arduino core 2.3.0",
			path: join(folder, "esp8266-2.3.0"),
			is: (path: string) => isFolder(join(path, "cores", "esp8266")),
			manualCommand: `cd ${folder} && curl -LO https://github.com/esp8266/Arduino/releases/download/2.3.0/esp8266-2.3.0.zip && unzip esp8266-2.3.0.zip`,
		},
		{
			id: "esp8266-rtos-sdk",
			title: "ESP8266 RTOS SDK",
			path: join(folder, "ESP8266_RTOS_SDK"),
			is: (path: string) => isFolder(join(path, "components")),
			manualCommand: `git clone -b ${rtosBranch} https://github.com/espressif/ESP8266_RTOS_SDK.git ${join(folder, "ESP8266_RTOS_SDK")}`,
		},
	];
	return parts.map(({ id, title, path, is, manualCommand }) => ({
		id,
		title,
		for: ["esp8266"],
		...(is(path)
			? (wrongBranch(machine, id, path) ?? ok(`at ${path}`))
			: place === undefined
				? missing(`not found at ${path}`, isFolder(folder) ? manualCommand : setUpCommand)
				: missing(`found at ${place}, but ESP_BASE is not set`, `export ESP_BASE=${place} (in your shell's profile)`)),
	}));
}

function wrongBranch(machine: Machine, id: string, path: string) {
	if (id !== "esp8266-rtos-sdk") return undefined;
	const branch = outputOf(machine, "git", "-C", path, "rev-parse", "--abbrev-ref", "HEAD");
	// A tag or an archive has no branch: it may be the right one.
	if (branch === undefined || branch === rtosBranch || branch === "HEAD") return undefined;
	return warning(`${branch} at ${path}; the SDK requires ${rtosBranch}`, `git -C ${path} checkout ${rtosBranch}`);
}
