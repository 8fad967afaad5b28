import { relative, resolve } from "node:path";
import { makeFolder } from "@dynreg/cloud/internal/server/make-folder";
import { defaultCloud } from "dynreg/clouds/schemas";
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
	hasClaims,
	localCloudBoard,
	type NewBoard,
	readGivenSecret,
} from "./new-board.js";
import { addToGitignore, conflictingFiles, type NewFile, writeFiles } from "./write-files.js";

const secretFile = ".dynreg/product.secret";
const claimFile = ".dynreg/claim.pem";
const claimKeyFile = ".dynreg/claim.key";

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
	const secrets = local ? await createProduct(local, board.configuration, board.secrets) : board.secrets;
	const written = [...(withApplication ? applicationFiles(folder) : []), ...filesOf({ ...board, secrets }, local)];
	for (const { name, result } of writeFiles(folder, written)) printFile(result, name);
	if (addToGitignore(folder, [".dynreg/", ...(withApplication ? ["node_modules/"] : [])]))
		printFile("written", ".gitignore");
	print(`\n${nextSteps(folder, files)}`);
	return 0;
}

async function describeBoard(options: InitOptions, folder: string, local: LocalCloud | undefined): Promise<NewBoard> {
	const given = answersFromOptions(options);
	const claims = hasClaims(given.cloud);
	for (const option of claims ? (["product-secret-file"] as const) : (["claim-certificate", "claim-key"] as const))
		if (options[option] !== undefined && (given.cloud !== undefined || claims || !process.stdin.isTTY))
			throw new UsageError(
				`--${option} is invalid with --cloud ${given.cloud ?? defaultCloud}. Leave out --${option}.`,
			);
	const productSecret = claims ? undefined : await readGivenSecret(options["product-secret-file"]);
	if (local) return localCloudBoard(local, folder, given, productSecret);
	const { "claim-certificate": claimCertificate, "claim-key": claimKey } = options;
	return askMissingAnswers(given, { productSecret, claimCertificate, claimKey });
}

function filesOf({ configuration, secrets }: NewBoard, local: LocalCloud | undefined): NewFile[] {
	const isClaim = "claimKey" in secrets;
	const names = isClaim ? { claimCertificate: claimFile, claimKey: claimKeyFile } : { productSecretFile: secretFile };
	const text = JSON.stringify({ ...configuration, ...names }, undefined, "\t");
	return [
		{ name: defaultConfigurationFile, text: `${text}\n` },
		...(isClaim
			? [
					{ name: claimFile, text: secrets.claimCertificate },
					{ name: claimKeyFile, text: secrets.claimKey, secret: true as const },
				]
			: [{ name: secretFile, text: `${secrets.productSecret}\n`, secret: true as const }]),
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
