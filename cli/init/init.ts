import { mkdirSync } from "node:fs";
import { relative, resolve } from "node:path";
import { UsageError } from "../command-line/usage-error.js";
import type { InitOptions } from "../commands/init.js";
import { defaultConfigurationFile } from "../configuration/default-file.js";
import { colour } from "../terminal/colour.js";
import { print } from "../terminal/print.js";
import { application, missingPackages } from "./application.js";
import { answersFrom, askForRest, authorityFile, type Board, givenSecret, localBoard } from "./board.js";
import { conflicts, ignore, type NewFile, writeFiles } from "./files.js";
import { defaultAdmin, findLocalCloud, type LocalCloud, makeProduct } from "./local-cloud.js";

const secretFile = ".dynreg/product.secret";

/**
 * Writes a board's configuration, and an application, into a folder.
 *
 * @returns the exit code
 * @throws UsageError for a wrong or missing answer, Interrupted, Error when a file is in the way
 */
export async function init(options: InitOptions): Promise<number> {
	const folder = resolve(options.folder ?? ".");
	const withApplication = options.folder !== undefined || options.app;
	if (withApplication && /\s/.test(folder))
		throw new UsageError(`the SDK cannot build in a folder with a space in its name: ${folder}`);
	const local = options.local
		? await findLocalCloud(options.admin ?? (process.env.DYNREG_ADMIN || defaultAdmin))
		: undefined;
	const board = await describeBoard(options, folder, local);

	mkdirSync(folder, { recursive: true });
	const files = [...(withApplication ? application(folder) : []), ...filesOf(board, local)];
	const inTheWay = conflicts(folder, files);
	if (inTheWay.length > 0 && !options.force)
		throw new Error(
			`${inTheWay.join(", ")} in ${folder} would be overwritten, so nothing has been written: --force does it`,
		);
	if (local) await makeProduct(local, board.configuration, board.secret);
	for (const { name, what } of writeFiles(folder, files)) printFile(what, name);
	if (ignore(folder, [".dynreg/", ...(withApplication ? ["node_modules/"] : [])])) printFile("written", ".gitignore");
	print(`\n${nextSteps(folder, files)}`);
	return 0;
}

async function describeBoard(options: InitOptions, folder: string, local: LocalCloud | undefined): Promise<Board> {
	const given = answersFrom(options);
	const secret = await givenSecret(options["product-secret-file"]);
	return local ? localBoard(local, folder, given, secret) : askForRest(given, secret);
}

function filesOf({ configuration, secret }: Board, local: LocalCloud | undefined): NewFile[] {
	const text = JSON.stringify({ ...configuration, productSecretFile: secretFile }, undefined, "\t");
	return [
		{ name: defaultConfigurationFile, text: `${text}\n` },
		{ name: secretFile, text: `${secret}\n`, secret: true },
		...(local ? [{ name: authorityFile, text: local.authority }] : []),
	];
}

function printFile(what: string, name: string): void {
	print(`${colour(process.stdout, what === "unchanged" ? "gray" : "green", what.padEnd(12))}${name}`);
}

/** What to do next, as commands. */
function nextSteps(folder: string, files: readonly NewFile[]): string {
	const has = (name: string) => files.some((file) => file.name === name);
	const path = relative(process.cwd(), folder);
	// What was just written lacks nothing.
	const missing = has("manifest.json") ? missingPackages(folder) : [];
	const commands = [
		...(path ? [`cd ${path}`] : []),
		...(has("package.json") ? ["npm install"] : []),
		...(missing.length > 0 ? [`npm install --save-dev ${missing.join(" ")}`] : []),
		`npx dynreg doctor --config ${defaultConfigurationFile}`,
		has("manifest.json")
			? "npx dynreg sim"
			: `npx dynreg board --config ${defaultConfigurationFile} --store .dynreg/board.flash --until online`,
	];
	return ["Next:", ...commands].join("\n  ");
}
