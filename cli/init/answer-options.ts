import { cloudNames, keysOf } from "dynreg/clouds/schemas";
import type { Key } from "dynreg/configuration/schema";
import { type Option, textOption } from "../command-line/option.js";

/** The options of `dynreg init` that answer its questions, from the configuration's schema. */
export const answerOptions: Readonly<Record<string, Option<string | undefined>>> = Object.fromEntries(
	[...new Set(cloudNames.flatMap((cloud) => Object.values(keysOf(cloud)).flatMap(optionOf)))].map((option) => [
		option,
		answerOption(option),
	]),
);

function optionOf({ question }: Key): string | [] {
	return question?.option ?? [];
}

/** What an option answers at each cloud; where clouds differ, help says whose question it is. */
function answerOption(option: string): Option<string | undefined> {
	const keys = cloudNames.flatMap((cloud) =>
		Object.values(keysOf(cloud)).flatMap((key) => (optionOf(key) === option ? [{ cloud, key }] : [])),
	);
	const texts = new Map<string, string[]>();
	for (const { cloud, key } of keys)
		texts.set(key.question?.text ?? "", [...(texts.get(key.question?.text ?? "") ?? []), cloud]);
	const help = Array.from(texts, ([text, clouds]) =>
		clouds.length === cloudNames.length ? text : `${clouds.join(", ")}: ${text}`,
	).join("; ");
	// Regions differ by cloud.
	const [rule, ...others] = new Set(keys.map(({ key }) => key.rule));
	if (rule?.kind !== "choice" || others.length > 0) return textOption("NAME", help);
	return { ...textOption("NAME", help, { otherwise: rule.of[0] as string }), choices: rule.of };
}
