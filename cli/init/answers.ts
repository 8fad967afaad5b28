import type { cloudProfiles } from "dynreg/clouds/profiles";
import { type CloudName, cloudNamed, cloudNames, defaultCloud, keysOf } from "dynreg/clouds/schemas";
import type { Key as KeySchema } from "dynreg/configuration/schema";
import type { RawConfiguration } from "dynreg/contracts/cloud";
import { Failure } from "dynreg/core/errors";
import { sentence } from "dynreg/messages/sentence";
import { checkedDevice } from "../configuration/configured-device.js";

/** A key of the configuration that is asked for; the product's secret is asked for in another way. */
export type QuestionKey = "cloud" | { [Name in CloudName]: keyof (typeof cloudProfiles)[Name]["keys"] }[CloudName];

/** What has been answered, as text; the empty text is "leave it at its default". */
export type Answers = Readonly<Partial<Record<QuestionKey, string>>>;

/** A question of `dynreg init`. */
export interface Question {
	readonly key: QuestionKey;
	/** The option of the command line that answers it. */
	readonly option: string;
	readonly text: string;
	/** What there is to choose from; the first is the default of the firmware. */
	readonly choices?: readonly string[];
	/** Absent: an answer must be given. */
	readonly defaultAnswer?: string;
}

/** All that may be asked for a device of this cloud, by key. */
function questionsOf(cloud: CloudName): [key: QuestionKey, schema: KeySchema][] {
	return Object.entries(keysOf(cloud)).filter(([, { question }]) => question !== undefined) as [
		QuestionKey,
		KeySchema,
	][];
}

/** The keys that are asked for, of all clouds. */
export const questionKeys: readonly QuestionKey[] = [
	...new Set(cloudNames.flatMap((cloud) => questionsOf(cloud).map(([key]) => key))),
];

/** Which flag answers which key. */
export const optionNames: Readonly<Record<QuestionKey, string>> = Object.fromEntries(
	cloudNames.flatMap((cloud) => questionsOf(cloud).map(([key, { question }]) => [key, question?.option ?? ""])),
) as Record<QuestionKey, string>;

/** Whether a cloud has this key. */
export function cloudHasKey(cloud: CloudName, key: QuestionKey): boolean {
	return Object.hasOwn(keysOf(cloud), key);
}

/** The question that comes next, or undefined when everything is answered. */
export function nextQuestion(answers: Answers): Question | undefined {
	const cloud = cloudNamed(answers.cloud) ?? defaultCloud;
	const [next] = questionsOf(cloud).filter(
		([key, { question }]) =>
			answers[key] === undefined && !(question?.unless && answers[question.unless as QuestionKey]),
	);
	return next && questionFor(...next);
}

function questionFor(key: QuestionKey, { rule, question, required }: KeySchema): Question {
	const { text = "", option = "" } = question ?? {};
	const asked = { key, option, text };
	if (rule.kind === "choice") return { ...asked, choices: rule.of, defaultAnswer: rule.of[0] as string };
	return required ? asked : { ...asked, defaultAnswer: "" };
}

/**
 * Whether the firmware would take these answers, by its own rules.
 *
 * @param secrets what the device registers with, when it is known
 * @returns the sentence that says why not
 */
export function answersError(answers: Answers, secrets: RawConfiguration = {}): string | undefined {
	try {
		checkedDevice({ ...placeholders(answers.cloud), ...configurationOf(answers), ...secrets }, undefined);
		return undefined;
	} catch (error) {
		if (error instanceof Failure) return sentence(error);
		throw error;
	}
}

/** What stands for answers that are still to come: the firmware's rules are about a whole configuration. */
function placeholders(cloud: string | undefined): RawConfiguration {
	const keys = Object.entries(keysOf(cloudNamed(cloud) ?? defaultCloud)).filter(([, { required }]) => required);
	return { ...Object.fromEntries(keys.map(([key]) => [key, "P"])), deviceName: "board-1" };
}

/** As it is written to the file: what is left at its default is left out, save the cloud. */
export function configurationOf(answers: Answers): RawConfiguration {
	return Object.fromEntries(questionKeys.flatMap((key) => (answers[key] ? [[key, answers[key]]] : [])));
}
