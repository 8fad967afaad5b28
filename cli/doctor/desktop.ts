import { readFileSync } from "node:fs";
import { join } from "node:path";
import { libraryFolder } from "../state/folders.js";
import { type Check, missing, ok, purposes, warning } from "./check.js";
import { installCommand, isAtLeast, type Machine, outputOf, which } from "./machine.js";

const boards = ["esp32", "esp8266"] as const;

/** What this project itself runs on. */
export function checkNode(version = process.versions.node): Check {
	const { engines } = JSON.parse(readFileSync(join(libraryFolder, "package.json"), "utf8")) as {
		engines: { node: string };
	};
	const least = engines.node.replace(">=", "");
	return {
		id: "node",
		title: "Node",
		for: purposes,
		...(isAtLeast(version, least)
			? ok(version)
			: missing(
					`${version} is too old; ${least} or later is required`,
					`Install Node ${least} or later: https://nodejs.org`,
				)),
	};
}

/**
 * The bare XS engine, which `dynreg board` and `dynreg demo` run the firmware on.
 *
 * @param folder of its package
 * @param cwd where npm would install the package
 */
export async function checkXsEngine(folder?: string, cwd = process.cwd()): Promise<Check> {
	const check = { id: "engine", title: "XS engine", for: ["try"] } as const;
	try {
		const { engineBinary } = await import("@dynreg/xs/internal/worker");
		try {
			engineBinary(folder);
			return { ...check, ...ok("built") };
		} catch {
			return { ...check, ...missing("not built", rebuildCommand(cwd)) };
		}
	} catch {
		return { ...check, ...missing("not installed", /\s/.test(cwd) ? spaceAdvice(cwd) : "npm install @dynreg/xs") };
	}
}

function rebuildCommand(cwd: string): string {
	return /\s/.test(cwd) ? spaceAdvice(cwd) : "npm rebuild @agoric/xsnap";
}

/** The makefiles of `@agoric/xsnap` cannot build in such a folder: npm then prints a stack trace. */
function spaceAdvice(folder: string): string {
	return `Install @dynreg/xs in a folder whose path has no space. ${folder} has a space, so the engine cannot be built there.`;
}

const packages = { apt: "build-essential", dnf: "gcc make", pacman: "base-devel" } as const;

/** The engine is compiled when it is installed, and the simulator's applications have C in them. */
export function checkCompiler(machine: Machine): Check {
	const cc = ["cc", "gcc", "clang"].find((name) => which(machine, name));
	const make = which(machine, "make");
	const lacks = [...(cc ? [] : ["a C compiler"]), ...(make ? [] : ["make"])].join(" and ");
	const fix = machine.platform === "darwin" ? "xcode-select --install" : installCommand(machine, packages);
	return {
		id: "compiler",
		title: "C compiler, make",
		for: ["sim", ...boards],
		...(lacks === "" ? ok(`${cc}, make`) : missing(`${lacks} not found on the PATH`, fix)),
	};
}

/** The simulator's display. */
export function checkDisplay(machine: Machine): Check {
	const fix = installCommand(machine, { apt: "xvfb", dnf: "xorg-x11-server-Xvfb", pacman: "xorg-server-xvfb" });
	return { id: "display", title: "Display", for: ["sim"], ...findDisplay(machine, fix) };
}

function findDisplay(machine: Machine, fix: string) {
	if (machine.platform !== "linux")
		return missing(
			"dynreg runs the simulator on Linux only",
			"Run the simulator by hand: mcconfig -d -m -p sim in the application's folder",
		);
	if (which(machine, "Xvfb")) return ok("Xvfb (virtual)");
	const { DISPLAY } = machine.environment;
	return DISPLAY
		? warning(`only your own (${DISPLAY}), for dynreg sim --window; Xvfb is missing`, fix)
		: missing("neither Xvfb nor your own display (DISPLAY) found", fix);
}

/** The TypeScript that `mcconfig` runs when it is used by hand; dynreg brings its own. */
export function checkTypescript(machine: Machine): Check {
	const fix = "npm install --global typescript@7";
	const found = which(machine, "tsc");
	const version = found && outputOf(machine, found, "--version")?.match(/^Version (\d+)\.[\d.]+/);
	return {
		id: "typescript",
		title: "TypeScript",
		for: boards,
		...(!version
			? warning("tsc is not on the PATH; mcconfig needs tsc when run by hand", fix)
			: Number(version[1]) >= 7
				? ok(version[0])
				: warning(`${version[0]} is on the PATH; mcconfig needs 7 when run by hand`, fix)),
	};
}
