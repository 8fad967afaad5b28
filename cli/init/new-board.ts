import { basename } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { boardEndpoints } from "@dynreg/cloud/internal/products/board-configuration";
import { cloudNamed, defaultCloud, keysOf, productIdKey } from "dynreg/clouds/schemas";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { readTextFile } from "../command-line/text-file.js";
import { UsageError } from "../command-line/usage-error.js";
import { print } from "../terminal/print.js";
import { Prompt } from "../terminal/prompt.js";
import {
	type Answers,
	answersError,
	cloudHasKey,
	configurationOf,
	nextQuestion,
	optionNames,
	type Question,
	type QuestionKey,
	questionKeys,
} from "./answers.js";
import { type LocalCloud, randomProductSecret } from "./local-cloud.js";

/** The certificate authority of a local cloud, in the application's folder. */
export const authorityFile = ".dynreg/cloud.ca.pem";

/** What the files say. */
export interface NewBoard {
	readonly configuration: RawConfiguration;
	readonly secrets: BoardSecrets;
}

/** What a board registers with, by its keys of the configuration. */
export type BoardSecrets =
	| { readonly productSecret: string }
	/** PEM. */
	| { readonly claimCertificate: string; readonly claimKey: string };

/** What was given of it. */
export interface GivenSecrets {
	readonly productSecret: string | undefined;
	/** File names. */
	readonly claimCertificate: string | undefined;
	readonly claimKey: string | undefined;
}

/** Whether boards of this cloud register with a claim certificate. */
export function hasClaims(cloud: unknown): boolean {
	return Object.hasOwn(keysOf(cloudNamed(cloud) ?? defaultCloud), "claimCertificate");
}

/** @throws UsageError when a flag has a wrong answer, or belongs to the other cloud */
export function answersFromOptions(values: Readonly<Record<string, unknown>>): Answers {
	const given = questionKeys.filter((key) => values[optionNames[key]] !== undefined);
	// What else is given is about one cloud, and without a name that is the default one.
	const cloud = values.cloud ?? defaultCloud;
	const known = cloudNamed(cloud) ?? defaultCloud;
	const answers: Partial<Record<QuestionKey, string>> = given.length > 0 ? { cloud: String(cloud) } : {};
	for (const key of given) {
		if (!cloudHasKey(known, key)) {
			if (optionNames[key] === "product") continue;
			throw new UsageError(`--${optionNames[key]} is invalid with --cloud ${cloud}. Leave out --${optionNames[key]}.`);
		}
		answers[key] = String(values[optionNames[key]]);
		const sentence = answersError(answers);
		if (sentence !== undefined) throw new UsageError(`--${optionNames[key]}: ${sentence}`);
	}
	return answers;
}

/** Asks for the rest. @throws UsageError where there is nobody to ask, Interrupted */
export async function askMissingAnswers(given: Answers, givenSecrets: GivenSecrets): Promise<NewBoard> {
	const prompt = process.stdin.isTTY && process.stdout.isTTY ? new Prompt(process.stdout) : undefined;
	try {
		let answers = given;
		for (let question = nextQuestion(answers); question; question = nextQuestion(answers)) {
			const { key, option, defaultAnswer } = question;
			if (!prompt && defaultAnswer === undefined)
				throw new UsageError(
					`--${option} is missing (${key}), and there is no terminal for the question. Add --${option}.`,
				);
			const answer = prompt ? await askQuestion(prompt, question) : (defaultAnswer as string);
			const more = { ...answers, [key]: answer };
			const sentence = answer === "" && defaultAnswer === undefined ? `${key} is missing.` : answersError(more);
			if (sentence === undefined) answers = more;
			else if (prompt) print(`  ${sentence}`);
			else throw new UsageError(`--${option}: ${sentence}`);
		}
		const secrets = hasClaims(answers.cloud)
			? await checkedClaim(answers, givenSecrets, prompt)
			: { productSecret: await checkedSecret(answers, givenSecrets.productSecret, prompt) };
		return { configuration: configurationOf(answers), secrets };
	} finally {
		prompt?.close();
	}
}

/** @throws UsageError if it is missing or invalid, Interrupted */
async function checkedSecret(answers: Answers, given: string | undefined, prompt: Prompt | undefined): Promise<string> {
	if (given === undefined && !prompt)
		throw new UsageError(
			"The product's secret is missing. Use --product-secret-file FILE (- is the standard input), or the variable DYNREG_PRODUCT_SECRET.",
		);
	for (let secret = given; ; secret = undefined) {
		const asked = secret ?? (await prompt?.askHidden("Product secret (not shown): "))?.trim() ?? "";
		const sentence = asked === "" ? "productSecret is missing." : answersError(answers, { productSecret: asked });
		if (sentence === undefined) return asked;
		if (secret !== undefined || !prompt) throw new UsageError(sentence);
		print(`  ${sentence}`);
	}
}

/** @throws UsageError if a file is missing, Interrupted, Error when it cannot be read or they are no pair */
async function checkedClaim(
	answers: Answers,
	{ claimCertificate, claimKey }: GivenSecrets,
	prompt: Prompt | undefined,
): Promise<BoardSecrets> {
	const fileOf = async (given: string | undefined, option: string, what: string): Promise<string> => {
		const name = given ?? (await prompt?.ask(`File of the ${what}: `))?.trim() ?? "";
		if (name === "") throw new UsageError(`--${option} is missing. Expected the file of the ${what} in PEM.`);
		return readTextFile(name, `The file of the ${what}`, "Expected a file in PEM.", { isSecret: true });
	};
	const secrets = {
		claimCertificate: await fileOf(claimCertificate, "claim-certificate", "claim certificate"),
		claimKey: await fileOf(claimKey, "claim-key", "claim certificate's private key"),
	};
	const sentence = answersError(answers, secrets);
	if (sentence !== undefined) throw new UsageError(sentence);
	return secrets;
}

/** From a file, the standard input or the environment. @throws Error when the file cannot be read */
export async function readGivenSecret(file: string | undefined): Promise<string | undefined> {
	if (file === "-") return (await readAll(process.stdin)).trim();
	if (file !== undefined)
		return readTextFile(file, "The file of the product's secret", "Save the secret as text in UTF-8.", {
			isSecret: true,
		}).trim();
	return process.env.DYNREG_PRODUCT_SECRET || undefined;
}

/** A board of the local cloud: all that is not given is made up. @throws UsageError */
export function localCloudBoard(
	local: LocalCloud,
	folder: string,
	given: Answers,
	givenSecret: string | undefined,
): NewBoard {
	const cloud = cloudNamed(given.cloud) ?? defaultCloud;
	const key = productIdKey(cloud);
	const id =
		basename(folder)
			.toUpperCase()
			.replaceAll(/[^A-Z0-9]/g, "")
			.slice(0, 10) || "LOCAL";
	const others = Object.entries(keysOf(cloud)).flatMap(([name, { required }]) => (required ? [[name, "local"]] : []));
	const answers = { ...Object.fromEntries(others), [key]: id, deviceName: "board-1", ...given, cloud };
	// The cloud issues a claim certificate when the product is made.
	const secrets = hasClaims(cloud)
		? { claimCertificate: "", claimKey: "" }
		: { productSecret: givenSecret ?? randomProductSecret(cloud) };
	const sentence = answersError(answers, secrets);
	if (sentence !== undefined) throw new UsageError(sentence);
	return {
		configuration: {
			...configurationOf(answers),
			endpoints: boardEndpoints({ ...configurationOf(answers), cloud }, local.urls),
			ca: authorityFile,
			startupJitter: 0,
		},
		secrets,
	};
}

/** @throws Interrupted */
async function askQuestion(prompt: Prompt, { text, choices, defaultAnswer }: Question): Promise<string> {
	const among = choices ? ` (${choices.join(", ")})` : "";
	const unless = defaultAnswer ? ` [${defaultAnswer}]` : "";
	const answer = (await prompt.ask(`${text}${among}${unless}: `)).trim();
	return answer || (defaultAnswer ?? "");
}
