import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { cloudNamed } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { UsageError } from "../command-line/usage-error.js";
import { print } from "../terminal/print.js";
import { Prompt } from "../terminal/prompt.js";
import {
	type Answers,
	configurationOf,
	defaultCloud,
	flags,
	idKeyOf,
	isKeyOf,
	type Key,
	keys,
	nextQuestion,
	type Question,
	refusal,
} from "./answers.js";
import { endpoints, type LocalCloud, newSecret } from "./local-cloud.js";

/** The certificate authority of a local cloud, in the application's folder. */
export const authorityFile = ".dynreg/cloud.ca.pem";

/** What the files say. */
export interface Board {
	readonly configuration: RawConfiguration;
	readonly secret: string;
}

/** @throws UsageError when a flag has a wrong answer, or belongs to the other cloud */
export function answersFrom(values: Readonly<Record<string, unknown>>): Answers {
	const given = keys.filter((key) => values[flags[key]] !== undefined);
	// What else is given is about one cloud, and without a name that is the default one.
	const cloud = values.cloud ?? defaultCloud;
	const known = cloudNamed(cloud) ?? defaultCloud;
	const answers: Partial<Record<Key, string>> = given.length > 0 ? { cloud: String(cloud) } : {};
	for (const key of given) {
		if (!isKeyOf(known, key)) {
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
export async function askForRest(given: Answers, givenSecret: string | undefined): Promise<Board> {
	const prompt = process.stdin.isTTY && process.stdout.isTTY ? new Prompt(process.stdout) : undefined;
	try {
		let answers = given;
		for (let question = nextQuestion(answers); question; question = nextQuestion(answers)) {
			const { key, flag, otherwise } = question;
			if (!prompt && otherwise === undefined)
				throw new UsageError(`--${flag} is missing: it gives the ${key}, and there is no terminal to ask at`);
			const answer = prompt ? await ask(prompt, question) : (otherwise as string);
			const more = { ...answers, [key]: answer };
			const sentence = answer === "" && otherwise === undefined ? `${key} is needed.` : refusal(more);
			if (sentence === undefined) answers = more;
			else if (prompt) print(`  ${sentence}`);
			else throw new UsageError(`--${flag}: ${sentence}`);
		}
		const secret = await checkedSecret(answers, givenSecret, prompt);
		return { configuration: configurationOf(answers), secret };
	} finally {
		prompt?.close();
	}
}

/** @throws UsageError when it is not there or will not do, Interrupted */
async function checkedSecret(answers: Answers, given: string | undefined, prompt: Prompt | undefined): Promise<string> {
	if (given === undefined && !prompt)
		throw new UsageError(
			"the product's secret is missing: give it with --product-secret-file FILE (- is the standard input), or in the variable DYNREG_PRODUCT_SECRET",
		);
	for (let secret = given; ; secret = undefined) {
		const asked = secret ?? (await prompt?.askHidden("Product secret (not shown): "))?.trim() ?? "";
		const sentence = asked === "" ? "productSecret is needed." : refusal(answers, asked);
		if (sentence === undefined) return asked;
		if (secret !== undefined || !prompt) throw new UsageError(sentence);
		print(`  ${sentence}`);
	}
}

/** From a file, the standard input or the environment. @throws Error when the file cannot be read */
export async function givenSecret(file: string | undefined): Promise<string | undefined> {
	if (file === "-") return (await readAll(process.stdin)).trim();
	if (file !== undefined) return readFileSync(file, "utf8").trim();
	return process.env.DYNREG_PRODUCT_SECRET || undefined;
}

/** A board of the local cloud: all that is not given is made up. @throws UsageError */
export function localBoard(local: LocalCloud, folder: string, given: Answers, givenSecret: string | undefined): Board {
	const cloud = given.cloud ?? defaultCloud;
	const key = idKeyOf(cloudNamed(cloud) ?? defaultCloud);
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

/** @throws Interrupted */
async function ask(prompt: Prompt, { text, choices, otherwise }: Question): Promise<string> {
	const among = choices ? ` (${choices.join(", ")})` : "";
	const unless = otherwise ? ` [${otherwise}]` : "";
	const answer = (await prompt.ask(`${text}${among}${unless}: `)).trim();
	return answer || (otherwise ?? "");
}
