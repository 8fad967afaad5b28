import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { platform } from "node:os";
import { delimiter, join } from "node:path";
import { defaultBuildFolder } from "@dynreg/cli/internal/sdk/moddable-sdk";

/**
 * Empty folders in the place of the chips' toolchains. The SDK's makefiles look for them
 * before they do anything, and up to the link of the bytecode do not use them.
 *
 * @returns the environment that makes the SDK use them
 */
export function createStandIns(): NodeJS.ProcessEnv {
	const folder = join(defaultBuildFolder, "stand-ins");
	const esp = join(folder, "esp");
	const system = platform() === "darwin" ? "Darwin" : "Linux";
	for (const name of ["esp8266-2.3.0", "ESP8266_RTOS_SDK", join("toolchain", system)])
		mkdirSync(join(esp, name), { recursive: true });
	const idf = join(folder, "idf");
	if (!existsSync(join(idf, ".git"))) makeRepository(idf);
	const programs = join(folder, "bin");
	mkdirSync(programs, { recursive: true });
	// Debian's Python is `python3` only, and the makefile for an ESP8266 looks for `python`.
	for (const name of ["idf.py", "python"]) writeFileSync(join(programs, name), "#!/bin/sh\n", { mode: 0o755 });
	return { ESP_BASE: esp, IDF_PATH: idf, PATH: `${programs}${delimiter}${process.env.PATH}` };
}

/** The makefile asks git for the version of what it takes for ESP-IDF. */
function makeRepository(folder: string): void {
	mkdirSync(folder, { recursive: true });
	const git = (...parameters: string[]) => execFileSync("git", parameters, { cwd: folder, stdio: "ignore" });
	git("init", "--quiet");
	const author = ["-c", "user.name=stand-in", "-c", "user.email=stand-in@localhost"];
	git(
		...author,
		"commit",
		"--quiet",
		"--allow-empty",
		"--no-verify",
		"--no-gpg-sign",
		"--message",
		"stand-in for ESP-IDF",
	);
}
