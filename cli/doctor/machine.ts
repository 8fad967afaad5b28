import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** The computer that the checks look at. */
export interface Machine {
	readonly environment: NodeJS.ProcessEnv;
	readonly platform: NodeJS.Platform;
	/** Folder of the serial ports' device files. */
	readonly devicesFolder: string;
}

export const thisMachine: Machine = { environment: process.env, platform: process.platform, devicesFolder: "/dev" };

/** The person's own folder, or a path in it. */
export function homePath({ environment }: Machine, ...path: string[]): string {
	return join(environment.HOME ?? homedir(), ...path);
}

/** The program of this name on the `PATH`. */
export function which({ environment }: Machine, program: string): string | undefined {
	return (environment.PATH ?? "")
		.split(delimiter)
		.filter((folder) => folder !== "")
		.map((folder) => join(folder, program))
		.find(isProgram);
}

export function isProgram(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return statSync(file).isFile();
	} catch {
		return false;
	}
}

export function isFolder(path: string): boolean {
	try {
		return statSync(path).isDirectory();
	} catch {
		return false;
	}
}

/** A program's output; undefined if it is missing, fails, or takes longer than ten seconds. */
export function outputOf({ environment }: Machine, program: string, ...parameters: string[]): string | undefined {
	const { status, stdout, stderr } = spawnSync(program, parameters, {
		env: environment,
		encoding: "utf8",
		timeout: 10_000,
	});
	return status === 0 ? `${stdout}${stderr}`.trim() : undefined;
}

/** A package's name, by package manager. */
type Names = Readonly<Partial<Record<"apt" | "dnf" | "pacman" | "brew", string>>>;

const installers = {
	apt: "sudo apt install",
	dnf: "sudo dnf install",
	pacman: "sudo pacman -S",
	brew: "brew install",
} as const;

/** The command of this computer that installs something; that of Debian where none is known. */
export function installCommand(machine: Machine, names: Names): string {
	const found = (Object.keys(installers) as (keyof typeof installers)[]).find(
		(program) => names[program] !== undefined && which(machine, program),
	);
	const installer = found ?? "apt";
	return `${installers[installer]} ${names[installer]}`;
}

/** Versions are numbers between dots. */
export function isAtLeast(version: string, least: string): boolean {
	return version.localeCompare(least, "en", { numeric: true }) >= 0;
}
