import { readFileSync } from "node:fs";
import { join } from "node:path";
import { library } from "../state/folders.js";
import { type Check, missing, ok, purposes, warning } from "./check.js";
import { install, isAtLeast, type Machine, printed, which } from "./machine.js";

const boards = ["esp32", "esp8266"] as const;

/** What this project itself runs on. */
export function node(version = process.versions.node): Check {
	const { engines } = JSON.parse(readFileSync(join(library, "package.json"), "utf8")) as { engines: { node: string } };
	const least = engines.node.replace(">=", "");
	return {
		id: "node",
		title: "Node",
		for: purposes,
		...(isAtLeast(version, least)
			? ok(version)
			: missing(`${version} is too old: it takes ${least}`, `install Node ${least} or later: https://nodejs.org`)),
	};
}

/** The bare XS engine, which `dynreg board` and `dynreg demo` run the firmware on. @param folder of its package */
export async function engine(folder?: string): Promise<Check> {
	const check = { id: "engine", title: "XS engine", for: ["try"] } as const;
	try {
		const { binary } = await import("@dynreg/xs/internal/worker");
		try {
			binary(folder);
			return { ...check, ...ok("built") };
		} catch {
			return { ...check, ...missing("it has not been built", "npm rebuild @agoric/xsnap") };
		}
	} catch {
		return { ...check, ...missing("it is not installed", "npm install @dynreg/xs") };
	}
}

const packages = { apt: "build-essential", dnf: "gcc make", pacman: "base-devel" } as const;

/** The engine is compiled when it is installed, and the simulator's applications have C in them. */
export function compiler(machine: Machine): Check {
	const cc = ["cc", "gcc", "clang"].find((name) => which(machine, name));
	const make = which(machine, "make");
	const lacks = [...(cc ? [] : ["a C compiler"]), ...(make ? [] : ["make"])].join(" and ");
	const mend = machine.platform === "darwin" ? "xcode-select --install" : install(machine, packages);
	return {
		id: "compiler",
		title: "C compiler, make",
		for: ["sim", ...boards],
		...(lacks === "" ? ok(`${cc}, make`) : missing(`there is no ${lacks} on the PATH`, mend)),
	};
}

/** What the simulator draws on. */
export function display(machine: Machine): Check {
	const mend = install(machine, { apt: "xvfb", dnf: "xorg-x11-server-Xvfb", pacman: "xorg-server-xvfb" });
	return { id: "display", title: "Display", for: ["sim"], ...displayOf(machine, mend) };
}

function displayOf(machine: Machine, mend: string) {
	if (machine.platform !== "linux")
		return missing(
			"dynreg runs the simulator on Linux only",
			"run it by hand: mcconfig -d -m -p sim in the application's folder",
		);
	if (which(machine, "Xvfb")) return ok("Xvfb, which nobody has to look at");
	const { DISPLAY } = machine.environment;
	return DISPLAY
		? warning(`your own (${DISPLAY}), with dynreg sim --window only; Xvfb is not here`, mend)
		: missing("neither Xvfb nor a display of your own (DISPLAY)", mend);
}

/** The TypeScript that `mcconfig` runs when it is used by hand; dynreg brings its own. */
export function typescript(machine: Machine): Check {
	const mend = "npm install --global typescript@7";
	const found = which(machine, "tsc");
	const version = found && printed(machine, found, "--version")?.match(/^Version (\d+)\.[\d.]+/);
	return {
		id: "typescript",
		title: "TypeScript",
		for: boards,
		...(!version
			? warning("tsc is not on the PATH, which mcconfig needs when you run it by hand", mend)
			: Number(version[1]) >= 7
				? ok(version[0])
				: warning(`${version[0]} is on the PATH: mcconfig, run by hand, needs 7`, mend)),
	};
}
