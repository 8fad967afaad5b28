import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a stand-in was run with. */
export interface ProgramRun {
	readonly program: "mcconfig" | "serial2xsbug";
	readonly parameters: readonly string[];
	readonly environment: Readonly<Record<string, string>>;
	/** Of the manifest that mcconfig was given: its text, permissions, and those of its folder. */
	readonly manifest?: string;
	readonly mode?: number;
	readonly folderMode?: number;
	/** Files beside the manifest. */
	readonly files?: readonly string[];
	readonly mask?: number;
}

/** The program, and mcconfig's target or all that serial2xsbug was given. */
export function argumentAfter({ program, parameters }: ProgramRun): readonly [string, string | undefined] {
	return [program, program === "mcconfig" ? parameters[parameters.indexOf("-t") + 1] : parameters.join(" ")];
}

export interface FakeToolchain {
	/** For the environment of `dynreg`. */
	readonly environment: NodeJS.ProcessEnv;
	/** In order. */
	ran(): Promise<readonly ProgramRun[]>;
	remove(): Promise<void>;
}

/**
 * An SDK whose `mcconfig` builds nothing and whose `serial2xsbug` (`fake-board.ts`) plays a board, and the toolchains
 * that are searched for. Says nothing about hardware; proves what is run, in which order, with what.
 *
 * @param failing a target of mcconfig's, and what it says then
 */
export async function fakeToolchain(failing?: {
	readonly target: string;
	readonly saying: string;
}): Promise<FakeToolchain> {
	const folder = await mkdtemp(join(tmpdir(), "dynreg-fake-sdk-"));
	const tools = join(folder, "build", "bin", "lin", "release");
	const journal = join(folder, "journal");
	await mkdir(tools, { recursive: true });
	await mkdir(join(folder, "tools"));
	await writeFile(join(folder, "tools", "VERSION"), "0.0.0-fake\n");
	await mkdir(join(folder, "esp", "toolchain", "Linux"), { recursive: true });
	await mkdir(join(folder, "idf"));
	await writeFile(join(folder, "idf", "export.sh"), "");
	await writeFile(journal, "");
	const play = fileURLToPath(new URL("./fake-board.js", import.meta.url));
	for (const program of ["mcconfig", "serial2xsbug"]) {
		const path = join(tools, program);
		await writeFile(path, `#!/bin/sh\nexec "${process.execPath}" "${play}" ${program} "$@"\n`);
		await chmod(path, 0o755);
	}
	return {
		environment: {
			MODDABLE: folder,
			ESP_BASE: join(folder, "esp"),
			IDF_PATH: join(folder, "idf"),
			PATH: `${tools}:${process.env.PATH}`,
			FAKE_JOURNAL: journal,
			...(failing === undefined ? {} : { FAKE_FAILING: failing.target, FAKE_SAYING: failing.saying }),
		},
		ran: async () =>
			(await readFile(journal, "utf8"))
				.split("\n")
				.slice(0, -1)
				.map((line) => JSON.parse(line) as ProgramRun),
		remove: () => rm(folder, { recursive: true, force: true }),
	};
}
