import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Check, missing, ok } from "./check.js";
import { home, install, isAtLeast, isFolder, type Machine, printed, which } from "./machine.js";
import { expectedIdf } from "./sdk.js";

const setUp = "xs-dev setup --device esp32";

/** Espressif's framework, in the version that the SDK's makefiles insist on. */
export function idf(machine: Machine): Check {
	const expected = expectedIdf(machine);
	return { id: "esp-idf", title: "ESP-IDF", for: ["esp32"], ...idfOf(machine, expected) };
}

function idfOf(machine: Machine, expected: string) {
	const folder = machine.environment.IDF_PATH;
	if (!folder) {
		// Where xs-dev and the SDK's documentation put it.
		const places = [
			home(machine, ".local", "share", "esp32", "esp-idf"),
			home(machine, "esp32", `esp-idf-${expected}`),
		];
		const place = [...places, home(machine, "esp32", "esp-idf")].find((each) => isFolder(each));
		return place === undefined
			? missing("IDF_PATH is not set", setUp)
			: missing(`it is at ${place}, but IDF_PATH is not set`, `export IDF_PATH=${place} (in your shell's profile)`);
	}
	if (!existsSync(join(folder, "export.sh"))) return missing(`IDF_PATH is ${folder}: there is no export.sh`, setUp);
	// The SDK's makefile asks just so, and refuses to build when the first two numbers differ.
	const version = printed(machine, "git", "-C", folder, "describe", "--always", "--abbrev=0");
	const mend = `cd ${folder} && git fetch --tags && git checkout ${expected} && git submodule update --init --recursive && ./install.sh esp32`;
	if (version === undefined) return missing(`${folder} does not say its version: it must be a clone by git`, setUp);
	return sameRelease(version, expected)
		? ok(`${version} at ${folder}`)
		: missing(`${version} at ${folder}; the SDK builds with ${expected} only`, mend);
}

/** `v6.0.1` is of the release `v6.0`. */
function sameRelease(version: string, expected: string): boolean {
	const release = (text: string) => text.replace(/^v/, "").split(/[.-]/).slice(0, 2).join(".");
	return release(version) === release(expected);
}

/** The compiler and the rest, which `install.sh` of ESP-IDF downloads. */
export function idfTools(machine: Machine): Check {
	const folder = machine.environment.IDF_TOOLS_PATH || home(machine, ".espressif");
	const lacking = [join("tools", "xtensa-esp-elf"), "python_env"].filter((part) => !isFolder(join(folder, part)));
	return {
		id: "esp-idf-tools",
		title: "ESP-IDF's tools",
		for: ["esp32"],
		...(lacking.length === 0
			? ok(`at ${folder}`)
			: missing(
					`${lacking.join(" and ")} not in ${folder}`,
					machine.environment.IDF_PATH ? `${machine.environment.IDF_PATH}/install.sh esp32` : setUp,
				)),
	};
}

/** What ESP-IDF builds with; on some systems it brings its own. */
export function cmake(machine: Machine): Check {
	const own = join(machine.environment.IDF_TOOLS_PATH || home(machine, ".espressif"), "tools");
	const lacking = ["cmake", "ninja"].filter((name) => !which(machine, name) && !isFolder(join(own, name)));
	return {
		id: "cmake",
		title: "CMake, Ninja",
		for: ["esp32"],
		...(lacking.length === 0
			? ok("cmake, ninja")
			: missing(
					`${lacking.join(" and ")} not on the PATH`,
					install(machine, {
						apt: "cmake ninja-build",
						dnf: "cmake ninja-build",
						pacman: "cmake ninja",
						brew: "cmake ninja",
					}),
				)),
	};
}

/** The SDK's makefiles for both boards call it `python`. */
export function python(machine: Machine): Check {
	const python = which(machine, "python");
	const python3 = which(machine, "python3");
	const version = python && printed(machine, python, "--version")?.match(/^Python (\d+\.\d+)[\d.]*/);
	const mend = install(machine, {
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
			? missing(`there is no python on the PATH${python3 ? ", only python3" : ""}`, mend)
			: isAtLeast(version[1] ?? "", "3.9")
				? ok(version[0])
				: missing(`${version[0]} is too old: it takes 3.9`, mend)),
	};
}

/** What Espressif's old flasher for ESP8266 talks to the port with. */
export function pyserial(machine: Machine): Check {
	const python = which(machine, "python");
	const found = python !== undefined && printed(machine, python, "-c", "import serial") !== undefined;
	return {
		id: "pyserial",
		title: "pyserial",
		for: ["esp8266"],
		...(found
			? ok("python has it")
			: missing(
					"python has no module serial",
					install(machine, { apt: "python3-serial", dnf: "python3-pyserial", pacman: "python-pyserial" }),
				)),
	};
}
