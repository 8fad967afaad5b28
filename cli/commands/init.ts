import { mkdirSync, readFileSync } from "node:fs";
import { basename, relative, resolve } from "node:path";
import { text as readAll } from "node:stream/consumers";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { defaultConfigurationFile } from "../configuration/configuration-file.js";
import { type Answers, configurationOf, flags, type Key, keys, nextQuestion, refusal } from "../init/answers.js";
import { application, missingPackages } from "../init/application.js";
import { Interrupted, Terminal } from "../init/ask.js";
import { conflicts, ignore, type NewFile, writeFiles } from "../init/files.js";
import {
	defaultAdmin,
	endpoints,
	findLocalCloud,
	type LocalCloud,
	makeProduct,
	newSecret,
} from "../init/local-cloud.js";
import { colour } from "../terminal/colour.js";
import { printError } from "../terminal/print-error.js";
import { readFolderAndOptions, UsageError } from "../terminal/usage.js";

export const summary = "a board's configuration, and a new application that uses the library";

const HELP = `dynreg init: ${summary}

Usage: dynreg init [folder] [options]

  folder                  make it, with a small application in it
                          (default: the configuration only, in this folder)
  --app                   the application, too, in this folder
  --cloud NAME            tencent or aliyun (default, where other answers are given: tencent)
  --product ID            productId of Tencent Cloud, productKey of Alibaba Cloud
  --service NAME          Tencent: hub or explorer
  --auth-type NAME        Alibaba: register, or regnwl for registration-free products
  --instance ID           Alibaba: an instance of your own
  --region NAME
  --device-name NAME      the same for all boards that are given this configuration
                          (default: each board's own MAC address)
  --product-secret-file FILE
                          has the product's secret in it; - is the standard input
  --local                 for a dynreg cloud that runs: makes a product there, with a new
                          secret, and needs no other answers
  --admin URL             the administration of that cloud (default: the variable
                          DYNREG_ADMIN, or ${defaultAdmin})
  --force                 overwrite files that are there and say something else
  --help                  this text

Asks for what is not given, if there is a terminal; without one, what has a default has it.
The secret is never an argument, since other users and the shell's history see those: it is
asked for without showing it, or comes from a file or from the variable
DYNREG_PRODUCT_SECRET.

Writes ${defaultConfigurationFile}; the product's secret goes to .dynreg/, which only you can read and git
is told to ignore.
`;

const secretFile = ".dynreg/product.secret";
const authorityFile = ".dynreg/cloud.ca.pem";

export async function run(args: string[]): Promise<number> {
	const { folder: named, values } = readFolderAndOptions(args, {
		app: { type: "boolean" },
		cloud: { type: "string" },
		product: { type: "string" },
		service: { type: "string" },
		"auth-type": { type: "string" },
		instance: { type: "string" },
		region: { type: "string" },
		"device-name": { type: "string" },
		"product-secret-file": { type: "string" },
		local: { type: "boolean" },
		admin: { type: "string" },
		force: { type: "boolean" },
		help: { type: "boolean" },
	});
	if (values.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const folder = resolve(named ?? ".");
	const wantsApplication = named !== undefined || (values.app ?? false);
	if (wantsApplication && /\s/.test(folder))
		throw new UsageError(`the SDK cannot build in a folder with a space in its name: ${folder}`);
	if (values.admin !== undefined && !values.local)
		throw new UsageError("--admin says where a local cloud is: it needs --local");

	const local = values.local
		? await findLocalCloud(values.admin ?? (process.env.DYNREG_ADMIN || defaultAdmin))
		: undefined;
	let board: Board;
	try {
		const given = fromFlags(values);
		const secret = await givenSecret(values["product-secret-file"]);
		board = local ? localBoard(local, folder, given, secret) : await answered(given, secret);
	} catch (error) {
		if (!(error instanceof Interrupted)) throw error;
		process.stdout.write("\n");
		printError(error.message);
		return 130;
	}

	mkdirSync(folder, { recursive: true });
	const files = [...(wantsApplication ? application(folder) : []), ...filesOf(board, local)];
	const inTheWay = conflicts(folder, files);
	if (inTheWay.length > 0 && !values.force)
		throw new Error(
			`${inTheWay.join(", ")} in ${folder} would be overwritten, so nothing has been written: --force does it`,
		);
	if (local) await makeProduct(local, board.configuration, board.secret);
	for (const { name, what } of writeFiles(folder, files)) say(what, name);
	if (ignore(folder, [".dynreg/", ...(wantsApplication ? ["node_modules/"] : [])])) say("written", ".gitignore");
	process.stdout.write(`\n${next(folder, files)}`);
	return 0;
}

/** What the files say. */
interface Board {
	readonly configuration: RawConfiguration;
	readonly secret: string;
}

/** @throws UsageError when a flag has a wrong answer, or belongs to the other cloud */
function fromFlags(values: Readonly<Record<string, string | boolean | undefined>>): Answers {
	const given = keys.filter((key) => values[flags[key]] !== undefined);
	// What else is given is about one cloud, and without a name that is the default one.
	const cloud = values.cloud ?? "tencent";
	const others: readonly Key[] =
		cloud === "aliyun" ? ["productId", "service"] : ["productKey", "instanceId", "authType"];
	const answers: Partial<Record<Key, string>> = given.length > 0 ? { cloud: String(cloud) } : {};
	for (const key of given) {
		if (others.includes(key)) {
			if (flags[key] === "product") continue;
			throw new UsageError(`--${flags[key]} is not for --cloud ${cloud}`);
		}
		answers[key] = String(values[flags[key]]);
		const sentence = refusal(answers);
		if (sentence !== undefined) throw new UsageError(`--${flags[key]}: ${sentence}`);
	}
	return answers;
}

/** Asks for the rest. @throws UsageError where there is nobody to ask, Interrupted */
async function answered(given: Answers, givenSecret: string | undefined): Promise<Board> {
	const terminal = process.stdin.isTTY && process.stdout.isTTY ? new Terminal() : undefined;
	try {
		let answers = given;
		for (let question = nextQuestion(answers); question; question = nextQuestion(answers)) {
			const { key, flag, otherwise } = question;
			if (!terminal && otherwise === undefined)
				throw new UsageError(`--${flag} is missing: it gives the ${key}, and there is no terminal to ask at`);
			const answer = terminal ? await terminal.ask(question) : (otherwise as string);
			const more = { ...answers, [key]: answer };
			const sentence = answer === "" && otherwise === undefined ? `${key} is needed.` : refusal(more);
			if (sentence === undefined) answers = more;
			else if (terminal) terminal.tell(sentence);
			else throw new UsageError(`--${flag}: ${sentence}`);
		}
		const secret = await checkedSecret(answers, givenSecret, terminal);
		return { configuration: configurationOf(answers), secret };
	} finally {
		terminal?.close();
	}
}

/** @throws UsageError when it is not there or will not do, Interrupted */
async function checkedSecret(
	answers: Answers,
	given: string | undefined,
	terminal: Terminal | undefined,
): Promise<string> {
	if (given === undefined && !terminal)
		throw new UsageError(
			"the product's secret is missing: give it with --product-secret-file FILE (- is the standard input), or in the variable DYNREG_PRODUCT_SECRET",
		);
	for (let secret = given; ; secret = undefined) {
		const asked = secret ?? (await terminal?.askSecret("Product secret")) ?? "";
		const sentence = asked === "" ? "productSecret is needed." : refusal(answers, asked);
		if (sentence === undefined) return asked;
		if (secret !== undefined || !terminal) throw new UsageError(sentence);
		terminal.tell(sentence);
	}
}

/** From a file, the standard input or the environment. @throws Error when the file cannot be read */
async function givenSecret(file: string | undefined): Promise<string | undefined> {
	if (file === "-") return (await readAll(process.stdin)).trim();
	if (file !== undefined) return readFileSync(file, "utf8").trim();
	return process.env.DYNREG_PRODUCT_SECRET || undefined;
}

/** A board of the local cloud: all that is not given is made up. @throws UsageError */
function localBoard(local: LocalCloud, folder: string, given: Answers, givenSecret: string | undefined): Board {
	const cloud = given.cloud ?? "tencent";
	const key = cloud === "aliyun" ? "productKey" : "productId";
	const id =
		basename(folder)
			.toUpperCase()
			.replaceAll(/[^A-Z0-9]/g, "")
			.slice(0, 10) || "LOCAL";
	const answers = { [key]: id, deviceName: "board-1", ...given, cloud };
	const secret = givenSecret ?? newSecret(cloud);
	const sentence = refusal(answers, secret);
	if (sentence !== undefined) throw new UsageError(sentence);
	return {
		configuration: { ...configurationOf(answers), endpoints: endpoints(local, cloud), ca: authorityFile, spread: 0 },
		secret,
	};
}

function filesOf({ configuration, secret }: Board, local: LocalCloud | undefined): NewFile[] {
	const text = JSON.stringify({ ...configuration, productSecretFile: secretFile }, undefined, "\t");
	return [
		{ name: defaultConfigurationFile, text: `${text}\n` },
		{ name: secretFile, text: `${secret}\n`, secret: true },
		...(local ? [{ name: authorityFile, text: local.authority }] : []),
	];
}

function say(what: string, name: string): void {
	process.stdout.write(`${colour(process.stdout, what === "unchanged" ? "gray" : "green", what.padEnd(12))}${name}\n`);
}

/** What to do next, as commands. */
function next(folder: string, files: readonly NewFile[]): string {
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
	return `Next:\n${commands.map((command) => `  ${command}\n`).join("")}`;
}
