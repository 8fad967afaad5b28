import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Check, missing, ok } from "./check.js";
import { homePath, installCommand, isAtLeast, isFolder, type Machine, outputOf, which } from "./machine.js";
import { expectedEspIdf } from "./sdk.js";

const setUpCommand = "xs-dev setup --device esp32";

/** Espressif's framework, in the version that the SDK's makefiles insist on. */
export function checkEspIdf(machine: Machine): Check {
	const expected = expectedEspIdf(machine);
	return { id: "esp-idf", title: "ESP-IDF", for: ["esp32"], ...findEspIdf(machine, expected) };
}

function findEspIdf(machine: Machine, expected: string) {
	const folder = machine.environment.IDF_PATH;
	if (!folder) {
		// Where xs-dev and the SDK's documentation put it.
		const places = [
			homePath(machine, ".local", "share", "esp32", "esp-idf"),
			homePath(machine, "esp32", `esp-idf-${expected}`),
		];
		const place = [...places, homePath(machine, "esp32", "esp-idf")].find((each) => isFolder(each));
		return place === undefined
			? missing("IDF_PATH is not set", setUpCommand)
			: missing(`found at ${place}, but IDF_PATH is not set`, `export IDF_PATH=${place} (in your shell's profile)`);
	}
	if (!existsSync(join(folder, "export.sh")))
		return missing(`IDF_PATH is ${folder}, which has no export.sh`, setUpCommand);
	// The SDK's makefile asks just so, and refuses to build when the first two numbers differ.
	const version = outputOf(machine, "git", "-C", folder, "describe", "--always", "--abbrev=0");
	const fix = `cd ${folder} && git fetch --tags && git checkout ${expected} && git submodule update --init --recursive && ./install.sh esp32`;
	if (version === undefined) return missing(`${folder} has no version; expected a git clone`, setUpCommand);
	return sameRelease(version, expected)
		? ok(`${version} at ${folder}`)
		: missing(`${version} at ${folder}; the SDK requires ${expected}`, fix);
}

/** `v6.0.1` is of the release `v6.0`. */
function sameRelease(version: string, expected: string): boolean {
	const release = (text: string) => text.replace(/^v/, "").split(/[.-]/).slice(0, 2).join(".");
	return release(version) === release(expected);
}

/** The compiler and the rest, which `install.sh` of ESP-IDF downloads. */
export function checkEspIdfTools(machine: Machine): Check {
	const folder = machine.environment.IDF_TOOLS_PATH || homePath(machine, ".espressif");
	const lacking = [join("tools", "xtensa-esp-elf"), "python_env"].filter((part) => !isFolder(join(folder, part)));
	return {
		id: "esp-idf-tools",
		title: "ESP-IDF's tools",
		for: ["esp32"],
		...(lacking.length === 0
			? ok(`at ${folder}`)
			: missing(
					`${lacking.join(" and ")} not in ${folder}`,
					machine.environment.IDF_PATH ? `${machine.environment.IDF_PATH}/install.sh esp32` : setUpCommand,
				)),
	};
}

/** What ESP-IDF builds with; on some systems it brings its own. */
export function checkCmake(machine: Machine): Check {
	const own = join(machine.environment.IDF_TOOLS_PATH || homePath(machine, ".espressif"), "tools");
	const lacking = ["cmake", "ninja"].filter((name) => !which(machine, name) && !isFolder(join(own, name)));
	return {
		id: "cmake",
		title: "CMake, Ninja",
		for: ["esp32"],
		...(lacking.length === 0
			? ok("cmake, ninja")
			: missing(
					`${lacking.join(" and ")} not on the PATH`,
					installCommand(machine, {
						apt: "cmake ninja-build",
						dnf: "cmake ninja-build",
						pacman: "cmake ninja",
						brew: "cmake ninja",
					}),
				)),
	};
}

/** The SDK's makefiles for both boards call it `python`. */
export function checkPython(machine: Machine): Check {
	const python = which(machine, "python");
	const python3 = which(machine, "python3");
	const version = python && outputOf(machine, python, "--version")?.match(/^Python (\d+\.\d+)[\d.]*/);
	const fix = installCommand(machine, {
		apt: "python-is-python3 python3-venv",
		dnf: "python-unversioned-command",
		pacman: "python",
		brew: "python",
	});
	return {
		id: "python",
		title: "Python",
		for: ["esp32", "esp8266"],
		...(!version
			? missing(`python is not on the PATH${python3 ? ", only python3 is" : ""}`, fix)
			: isAtLeast(version[1] ?? "", "3.9")
				? ok(version[0])
				: missing(`${version[0]} is too old; 3.9 or later is required`, fix)),
	};
}

/** What Espressif's old flasher for ESP8266 talks to the port with. */
export function checkPyserial(machine: Machine): Check {
	const python = which(machine, "python");
	const found = python !== undefined && outputOf(machine, python, "-c", "import serial") !== undefined;
	return {
		id: "pyserial",
		title: "pyserial",
		for: ["esp8266"],
		...(found
			? ok("installed")
			: missing(
					"the python module serial is missing",
					installCommand(machine, { apt: "python3-serial", dnf: "python3-pyserial", pacman: "python-pyserial" }),
				)),
	};
}
