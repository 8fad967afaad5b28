import { relative, resolve } from "node:path";
import { makeFolder } from "@dynreg/cloud/internal/server/make-folder";
import { UsageError } from "../command-line/usage-error.js";
import type { InitOptions } from "../commands/init.js";
import { defaultConfigurationFile } from "../configuration/default-file.js";
import { colour } from "../terminal/colour.js";
import { print } from "../terminal/print.js";
import { defaultAdminUrl } from "./administration.js";
import { applicationFiles, missingPackages } from "./application-files.js";
import { createProduct, findLocalCloud, type LocalCloud } from "./local-cloud.js";
import {
	answersFromOptions,
	askMissingAnswers,
	authorityFile,
	localCloudBoard,
	type NewBoard,
	readGivenSecret,
} from "./new-board.js";
import { addToGitignore, conflictingFiles, type NewFile, writeFiles } from "./write-files.js";

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
		throw new UsageError(`The SDK cannot build in ${folder}, because the path has a space. Choose another folder.`);
	const local = options.local
		? await findLocalCloud(options.admin ?? (process.env.DYNREG_ADMIN || defaultAdminUrl))
		: undefined;
	const board = await describeBoard(options, folder, local);

	makeFolder(folder);
	const files = [...(withApplication ? applicationFiles(folder) : []), ...filesOf(board, local)];
	const inTheWay = conflictingFiles(folder, files);
	if (inTheWay.length > 0 && !options.force)
		throw new Error(
			`Nothing was written, because ${folder} has other contents in ${inTheWay.join(", ")}. --force overwrites them.`,
		);
	if (local) await createProduct(local, board.configuration, board.secret);
	for (const { name, result } of writeFiles(folder, files)) printFile(result, name);
	if (addToGitignore(folder, [".dynreg/", ...(withApplication ? ["node_modules/"] : [])]))
		printFile("written", ".gitignore");
	print(`\n${nextSteps(folder, files)}`);
	return 0;
}

async function describeBoard(options: InitOptions, folder: string, local: LocalCloud | undefined): Promise<NewBoard> {
	const given = answersFromOptions(options);
	const secret = await readGivenSecret(options["product-secret-file"]);
	return local ? localCloudBoard(local, folder, given, secret) : askMissingAnswers(given, secret);
}

function filesOf({ configuration, secret }: NewBoard, local: LocalCloud | undefined): NewFile[] {
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
